import { readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { assetUrl } from "../asset.ts";
import { FailureError, failureOf } from "./sqlite-errors.ts";
import { registerFilterFunctions, registerSearchFunctions } from "./sqlite-functions.ts";
import type { WriterOptions } from "./sqlite-messages.ts";

/** The schema this program writes. */
export const schemaVersion = 5;

/** A pool whose schema stands. */
export interface OpenPool {
  readonly database: DatabaseSync;
  readonly id: string;
  readonly schemaVersion: number;
}

/** Steps from one schema to the next: the step at `i` leads from `i` to `i + 1`. Version 0 is an empty file, made by the schema itself. */
const migrations: readonly ((database: DatabaseSync) => void)[] = [
  (database) => database.exec(readSql("./schema.sqlite.sql")),
  (database) => database.exec(readSql("./schema.sqlite.2.sql")),
  (database) => database.exec(readSql("./schema.sqlite.3.sql")),
  (database) => database.exec(readSql("./schema.sqlite.4.sql")),
  (database) => database.exec(readSql("./schema.sqlite.5.sql")),
];

/**
 * The log is brought into the file at about 64 MB, not at the usual 4: pages that many commits touch are then written once, and an import into
 * a filled pool writes a quarter less.
 */
const LOG_LIMITS = "PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864";

const APPLICATION_ID = 1_414_288_456;

/**
 * Opens the pool for writing; makes it where the file is missing or empty.
 *
 * @throws FailureError `storage/not-a-pool`, `storage/newer-schema`, `storage/damaged`; SQLite's own errors otherwise.
 */
export function openPool(options: WriterOptions): OpenPool {
  const { path, busyTimeoutMs } = options;
  if (isLeftOpen(path)) checkDamage(path);
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    refuseForeign(database);
    enterWal(database, busyTimeoutMs);
    database.exec(`PRAGMA synchronous = ${options.synchronous}; PRAGMA cache_size = -98304; PRAGMA temp_store = MEMORY; ${LOG_LIMITS}`);
    if (process.platform === "darwin") database.exec("PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1");
    registerFilterFunctions(database);
    registerSearchFunctions(database);
    migrate(database);
    return { database, id: poolId(database, options.openedAtMs), schemaVersion };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Looks at a pool that is at rest: closed as it should be, of this schema, with no load to finish. Whoever only reads needs no more.
 *
 * @returns undefined for whatever else there is, or is not: opening it says what.
 */
export function lookAtRest(path: string): Pick<OpenPool, "id" | "schemaVersion"> | undefined {
  if (isLeftOpen(path) || (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return undefined;
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    try {
      if (pragma(database, "application_id") !== APPLICATION_ID || pragma(database, "user_version") !== schemaVersion) return undefined;
      const settings = new Map(
        database
          .prepare("SELECT key, value FROM setting WHERE key IN ('pool.id', 'bulk')")
          .all()
          .map((row) => [row["key"], row["value"]]),
      );
      const id: unknown = JSON.parse(String(settings.get("pool.id") ?? "null"));
      return typeof id !== "string" || settings.has("bulk") ? undefined : { id, schemaVersion };
    } finally {
      database.close();
    }
  } catch {
    return undefined; // the writer meets the same, and knows how to say it
  }
}

/** Opens another connection to the pool that reads, on whatever thread. */
export function openReader(path: string, busyTimeoutMs: number): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  database.exec("PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
  registerFilterFunctions(database);
  return database;
}

/** Closing the last connection removes the log file: one that holds something was left by a stop, or another process is at work. */
function isLeftOpen(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/**
 * Looks the pool over after an unclean stop. Where another process has it open, that one stands for it: nothing is checked.
 *
 * A connection in exclusive mode gets the file only when no other has it, in this process or any other.
 */
function checkDamage(path: string): void {
  const alone = new DatabaseSync(path, { timeout: 0 });
  try {
    alone.exec("PRAGMA locking_mode = EXCLUSIVE");
    const [first] = alone.prepare("PRAGMA quick_check(1)").all();
    const problem = String(first?.["quick_check"] ?? "quick_check gave no answer");
    if (problem !== "ok") throw new FailureError({ code: "storage/damaged", reason: problem });
  } catch (error) {
    if (failureOf(error).code !== "storage/busy") throw error;
  } finally {
    alone.close();
  }
}

function refuseForeign(database: DatabaseSync): void {
  const isEmpty = pragma(database, "page_count") === 0;
  if (!isEmpty && pragma(database, "application_id") !== APPLICATION_ID && hasTables(database)) {
    throw new FailureError({ code: "storage/not-a-pool", reason: "it is a SQLite database of another program" });
  }
  const found = pragma(database, "user_version");
  if (found > schemaVersion)
    throw new FailureError({ code: "storage/newer-schema", reason: "newer schema", details: { found, known: schemaVersion } });
}

function hasTables(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master LIMIT 1").get() !== undefined;
}

/** Two processes that make a pool at once: SQLite answers "busy" to one of them without waiting. */
function enterWal(database: DatabaseSync, waitMs: number): void {
  const untilMs = Date.now() + waitMs;
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (failureOf(error).code !== "storage/busy" || Date.now() > untilMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function migrate(database: DatabaseSync): void {
  if (pragma(database, "user_version") === schemaVersion) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Asked again inside the transaction: another process may have been faster.
    for (const step of migrations.slice(pragma(database, "user_version"))) step(database);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function poolId(database: DatabaseSync, atMs: number): string {
  const add = database.prepare("INSERT INTO setting (key, value, updated_at) VALUES ('pool.id', ?, ?) ON CONFLICT DO NOTHING");
  const find = database.prepare("SELECT value FROM setting WHERE key = 'pool.id'");
  if (find.get() === undefined) add.run(JSON.stringify(crypto.randomUUID()), atMs);
  const id: unknown = JSON.parse(String(find.get()?.["value"]));
  return String(id);
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id" | "page_count"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function readSql(file: string): string {
  return readFileSync(assetUrl(import.meta.url, file), "utf8");
}
