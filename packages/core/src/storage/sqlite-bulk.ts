import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { FailureError, failureOf } from "./sqlite-errors.ts";
import { createHints, hashOfText } from "./sqlite-hints.ts";
import type { Lookups, Origin, Question } from "./sqlite-rows.ts";
import { originOf } from "./sqlite-rows.ts";
import type { Tools } from "./sqlite-tools.ts";
import type { Turn } from "./sqlite-turn.ts";

// Loading an empty pool: triggers and secondary indexes are dropped, rows go in, and all is built once at the end. The mark in `setting`
// holds what was dropped, so that an opening after a crash can build it; the lock beside the pool tells a load under way from a dead one.

/** A load under way. */
export interface Bulk {
  /** The tools of the load: rows that the dropped indexes would find are found in memory. */
  readonly tools: Tools;
  /** Builds what was dropped. */
  end(): void;
}

/**
 * Begins a load where the pool holds no example; undefined where it does.
 *
 * @throws FailureError `storage/busy` when another process loads.
 */
export function beginBulk(tools: Tools, path: string): Bulk | undefined {
  const { database } = tools;
  // Asked before the lock is taken: loads that find rows run side by side. It is asked again inside, where nobody can write.
  if (holdsExamples(database) && !isMarked(database)) return undefined;
  const unlock = lock(path);
  if (unlock === undefined) throw new FailureError({ code: "storage/busy", reason: "it is being filled by a bulk load" });
  let isBegun = false;
  try {
    isBegun = inTransaction(database, () => dropLater(database), tools.turn);
  } finally {
    if (!isBegun) unlock();
  }
  if (!isBegun) return undefined;
  const end = (): void => {
    inTransaction(database, () => rebuild(database), tools.turn);
    unlock();
  };
  return { tools: { ...tools, isLoading: true, lookups: lookupsInMemory(tools) }, end };
}

/** Finishes a load that a crash left behind; one that another process is at is left alone. */
export function finishBulk(database: DatabaseSync, path: string): void {
  if (!isMarked(database)) return;
  const unlock = lock(path);
  if (unlock === undefined) return;
  try {
    inTransaction(database, () => rebuild(database));
  } finally {
    unlock();
  }
}

function holdsExamples(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM example LIMIT 1").get() !== undefined;
}

/** A load is under way, or was cut off. */
function isMarked(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM setting WHERE key = 'bulk'").get() !== undefined;
}

const LOADED_TABLES = "'example', 'facet', 'alias', 'example_tag', 'member', 'finding', 'subject'";
/** What counts members goes on: readers see the count while a load is under way. */
const KEPT = "'member_count_ins', 'member_count_del'";

/** False, and nothing done, where there is an example. */
function dropLater(database: DatabaseSync): boolean {
  if (holdsExamples(database)) return false;
  const later = database
    .prepare(
      `SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN (${LOADED_TABLES})
       AND (type = 'trigger' OR (type = 'index' AND name <> 'ux_example_content')) AND name NOT IN (${KEPT})`,
    )
    .all();
  for (const { type, name } of later) database.exec(`DROP ${String(type)} ${String(name)}`);
  const mark = JSON.stringify({ build: later.map((one) => one["sql"]) });
  database.prepare("INSERT INTO setting (key, value, updated_at) VALUES ('bulk', ?, 0)").run(mark);
  return true;
}

/** Whatever happened to a row in the meantime, one line of the log tells its readers to look at it. */
function rebuild(database: DatabaseSync): boolean {
  const found = database.prepare("SELECT value FROM setting WHERE key = 'bulk'").get();
  if (found === undefined) return false;
  const mark: { readonly build: readonly string[] } = JSON.parse(String(found["value"]));
  database.exec("INSERT INTO change_log (id, op) SELECT id, 1 FROM example ORDER BY n");
  for (const sql of mark.build) database.exec(sql);
  database.exec("DELETE FROM setting WHERE key = 'bulk'");
  return true;
}

function inTransaction(database: DatabaseSync, work: () => boolean, turn?: Turn): boolean {
  if (turn === undefined) database.exec("BEGIN IMMEDIATE");
  else turn.begin();
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** A lock that the system gives back when its process dies; undefined where another holds it. */
function lock(path: string): (() => void) | undefined {
  const file = `${path}-bulk`;
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (failureOf(error).code === "storage/busy") return undefined;
    throw error;
  }
  return () => {
    database.close();
    rmSync(file, { force: true });
  };
}

/** What memory remembers is a hint, checked against the row: a group that was rolled back leaves hints that lead nowhere. */
function lookupsInMemory({ database, lookups }: Tools): Lookups {
  const inputs = createHints();
  const origins = createHints();
  const originAt = database.prepare("SELECT n, id, lifecycle, import_id FROM example WHERE n = ? AND source_id = ? AND source = ?");
  const conflictAt = database.prepare(
    `SELECT id FROM example WHERE n = ? AND input_hash = ? AND kind = ? AND content_hash <> ? AND id NOT IN (?, ?)
     AND (parent_id IS NULL OR parent_id <> ?) AND lifecycle <> 'trashed'`,
  );
  const keyOf = (inputHash: Uint8Array): number => new DataView(inputHash.buffer, inputHash.byteOffset).getInt32(0);

  const originsOf = (sourceId: string, source: string): IteratorObject<Origin> =>
    origins
      .find(hashOfText(sourceId))
      .map((n) => originAt.get(n, sourceId, source))
      .filter((row) => row !== undefined)
      .map(originOf);

  return {
    ...lookups,
    byOrigin: (sourceId, source) => [...originsOf(sourceId, source).take(2)],
    byOriginWithin: (sourceId, source, datasets) => [
      ...originsOf(sourceId, source)
        .filter(({ n }) => lookups.isMember(n, datasets))
        .take(2),
    ],
    conflict({ id, kind, inputHash, contentHash, parentId }: Question) {
      for (const n of inputs.find(keyOf(inputHash))) {
        const row = conflictAt.get(n, inputHash, kind, contentHash, parentId, id, id);
        if (row !== undefined) return String(row["id"]);
      }
      return undefined;
    },
    added(n, { inputHash, sourceId }) {
      inputs.add(keyOf(inputHash), n);
      if (sourceId !== "") origins.add(hashOfText(sourceId), n);
    },
  };
}
