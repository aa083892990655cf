import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** Keeps the write-ahead log from growing beside those who read without a pause. */
export interface LogKeeper {
  /** Called when the writer has nothing to do. */
  rest(): void;
}

/** Above what the log is cut to when it begins anew: a log this long could not begin anew when it should have. */
const LONG_BYTES = 80_000_000;
const LOOK_MS = 100;

/**
 * A commit brings the log into the file only as far as the oldest reader stands, and a log begins anew only where all of it was brought in.
 * Where reads overlap, some reader always stands behind the newest commit: the log grows without end, and every page is looked for in all of
 * it. A moment after the commit those readers are gone, so that is when this looks again.
 *
 * @see {@link https://sqlite.org/wal.html#avoiding_excessively_large_wal_files | SQLite on checkpoint starvation}
 */
export function createLogKeeper(database: DatabaseSync, path: string): LogKeeper {
  let timer: NodeJS.Timeout | undefined;

  function rest(): void {
    if (timer !== undefined || sizeOf(path) < LONG_BYTES) return;
    timer = setTimeout(look, LOOK_MS).unref();
  }

  function look(): void {
    timer = undefined;
    if (!database.isOpen) return;
    if (!database.isTransaction) {
      const { log, checkpointed } = { log: 0, checkpointed: 0, ...database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get() };
      if (log === checkpointed) return; // the next commit, whoever makes it, begins the log anew
    }
    timer = setTimeout(look, LOOK_MS).unref();
  }

  return { rest };
}

function sizeOf(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
