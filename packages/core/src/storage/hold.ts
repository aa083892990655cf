import { DatabaseSync } from "node:sqlite";
import { failureOf, storageError } from "./sqlite-errors.ts";

/** Something that one process holds alone, until it lets go or ends, however it ends. */
export interface Hold {
  release(): void;
}

/**
 * Takes hold of what a file stands for; nothing where somebody else has it, in this process or another.
 *
 * The file is an empty database under an exclusive lock of the system: unlike the number of a process, a lock means the same in every
 * container that sees the file, and cannot outlive its holder.
 *
 * @throws {@link TilthError} `storage/not-writable`, `storage/io` … where the file cannot be made.
 */
export function takeHold(path: string): Hold | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    const failure = failureOf(error);
    if (failure.code === "storage/busy") return undefined;
    throw storageError(path, failure, error);
  }
  const held = database;
  return { release: () => held.close() };
}
