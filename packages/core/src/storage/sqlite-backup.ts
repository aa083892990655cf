import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { backup } from "node:sqlite";
import { TilthError } from "../errors.ts";
import { openReader } from "./sqlite-database.ts";
import { failureOf, storageError } from "./sqlite-errors.ts";
import { placeProblem } from "./sqlite-place.ts";
import type { BackupOptions } from "./storage.ts";

/** 4 MiB a step: between two of them progress is told and the signal is heard. */
const PAGES_A_STEP = 1_024;

/** From where to where, and how long a lock is waited for. */
export interface BackupPlace {
  readonly path: string;
  readonly target: string;
  readonly busyTimeoutMs: number;
}

/**
 * Copies a pool into a new file, as it is when the copy begins. What is half done is called `….partial` and does not stay.
 *
 * @throws {@link TilthError} `storage/exists`, `storage/…`; the signal's reason.
 */
export async function backupPool({ path, target, busyTimeoutMs }: BackupPlace, options: BackupOptions): Promise<void> {
  options.signal?.throwIfAborted();
  if (existsSync(target)) throw new TilthError("storage/exists", { path: target });
  const problem = placeProblem(target);
  if (problem !== undefined) throw storageError(target, problem);
  const partial = `${target}.${randomUUID()}.partial`;
  const source = openReader(path, busyTimeoutMs);
  try {
    await copy(source, partial, options);
    await publish(partial, target);
  } catch (error) {
    if (error instanceof TilthError || options.signal?.aborted === true) throw error;
    throw storageError(target, failureOf(error), error);
  } finally {
    source.close();
    for (const suffix of ["", "-journal"]) await rm(`${partial}${suffix}`, { force: true });
  }
}

/**
 * The source is read inside one read transaction: without it SQLite begins again whenever another connection has written, and under a
 * steady load never ends.
 */
async function copy(source: DatabaseSync, partial: string, { progress, signal }: BackupOptions): Promise<void> {
  source.exec("BEGIN");
  // The transaction begins with what is first read of the file.
  const pageBytes = Number(source.prepare("PRAGMA page_size").get()?.["page_size"]);
  source.prepare("SELECT key FROM setting LIMIT 1").get();
  const tell = (remainingPages: number, totalPages: number): void => {
    signal?.throwIfAborted();
    progress?.({ doneBytes: (totalPages - remainingPages) * pageBytes, totalBytes: totalPages * pageBytes });
  };
  const pages = await backup(source, partial, {
    rate: PAGES_A_STEP,
    progress: ({ remainingPages, totalPages }) => tell(remainingPages, totalPages),
  });
  tell(0, pages);
}

/** Under its name when it is whole and durable. A link never replaces a file that came meanwhile; some file systems have none. */
async function publish(partial: string, target: string): Promise<void> {
  await sync(partial);
  try {
    await link(partial, target);
  } catch (cause) {
    if (existsSync(target)) throw new TilthError("storage/exists", { path: target }, { cause });
    await rename(partial, target);
  }
  // Windows has no fsync of a folder.
  if (process.platform !== "win32") await sync(dirname(target));
}

async function sync(path: string): Promise<void> {
  const file = await open(path, process.platform === "win32" ? "r+" : "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
