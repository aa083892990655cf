import { statSync, utimesSync, writeFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { failureOf } from "./sqlite-errors.ts";

/**
 * The write lock among processes, so that each gets its turn.
 *
 * SQLite's own waiting looks again after up to 100 ms: beside a process that writes without a pause it hardly ever comes at the moment when
 * the lock is free. Here who waits looks again each millisecond and leaves word in a file beside the pool; who held the lock for long and
 * finds such word steps back until it is taken away, for a moment at most. Where nobody waits, nobody steps back.
 */
export interface Turn {
  /**
   * Begins a write transaction.
   *
   * @throws SQLite's own error where another process has the lock for longer than the timeout.
   */
  begin(): void;
  /** Says that the transaction is over. */
  end(): void;
  /** True where another process waited within the last second: then long transactions are kept short. */
  isContested(): boolean;
}

const LOOK_MS = 1;
const WORD_MS = 10;
/** Who held the lock for less is no burden to anybody. */
const LONG_MS = 10;
/** Who waits looks each millisecond and takes the word away: longer than that only where the machine has no time for it. */
const STEP_BACK_MS = 25;
const CONTESTED_MS = 1_000;
const KNOWN_MS = 20;

/** Takes turns on a connection, whose own waiting it replaces. */
export function createTurn(
  database: DatabaseSync,
  { path, busyTimeoutMs }: { readonly path: string; readonly busyTimeoutMs: number },
): Turn {
  const word = `${path}-waits`;
  let beganMs = 0;
  let endedMs = 0;
  let wasLong = false;
  let known = { atMs: -Infinity, isContested: false };
  database.exec("PRAGMA busy_timeout = 0");

  return {
    begin() {
      stepBack();
      const untilMs = performance.now() + busyTimeoutMs;
      let wordMs = -Infinity;
      for (;;) {
        try {
          database.exec("BEGIN IMMEDIATE");
          break;
        } catch (error) {
          const nowMs = performance.now();
          if (failureOf(error).code !== "storage/busy" || nowMs > untilMs) throw error;
          if (nowMs - wordMs > WORD_MS) {
            leaveWord(word, { isWaiting: true });
            wordMs = nowMs;
          }
          sleep(LOOK_MS);
        }
      }
      if (wordMs !== -Infinity) leaveWord(word, { isWaiting: false });
      beganMs = performance.now();
    },
    end() {
      endedMs = performance.now();
      wasLong = endedMs - beganMs > LONG_MS;
    },
    isContested() {
      const nowMs = performance.now();
      if (nowMs - known.atMs > KNOWN_MS) known = { atMs: nowMs, isContested: wordIn(word).waitedMs > Date.now() - CONTESTED_MS };
      return known.isContested;
    },
  };

  /** The answers of the last transaction are on their way already. */
  function stepBack(): void {
    if (!wasLong) return;
    wasLong = false;
    const nowMs = performance.now();
    // Older words are those of somebody who gave up or died.
    const sinceMs = Date.now() - (nowMs - beganMs);
    while (performance.now() < endedMs + STEP_BACK_MS && wordIn(word).waitingMs >= sinceMs) {
      sleep(LOOK_MS);
    }
  }
}

/**
 * Leaves word in the times of a file: that of its content says when somebody waited, that of its reading whether they still do. Where it
 * cannot be written, others do without and come to their turn later.
 */
function leaveWord(path: string, { isWaiting }: { readonly isWaiting: boolean }): void {
  const now = Date.now() / 1_000;
  try {
    utimesSync(path, isWaiting ? now : 0, now);
  } catch {
    try {
      writeFileSync(path, "", { mode: 0o600 });
    } catch {
      // a folder that takes no new file
    }
  }
}

function wordIn(path: string): { readonly waitedMs: number; readonly waitingMs: number } {
  const { mtimeMs: waitedMs = -Infinity, atimeMs: waitingMs = -Infinity } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return { waitedMs, waitingMs };
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

function sleep(ms: number): void {
  Atomics.wait(nothing, 0, 0, ms);
}
