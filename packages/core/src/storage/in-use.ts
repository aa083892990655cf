import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { failureOf } from "./sqlite-errors.ts";

/**
 * True while somebody has a pool open, in this process or another: for whoever is about to take it away.
 *
 * Every connection to a pool holds a lock on its file, also one that does nothing: only who is alone with it can leave the write-ahead log.
 */
export function isPoolInUse(path: string): boolean {
  if (!existsSync(path)) return false;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = WAL");
    return false;
  } catch (error) {
    return failureOf(error).code === "storage/busy"; // what is no pool is nobody's
  } finally {
    database?.close();
  }
}
