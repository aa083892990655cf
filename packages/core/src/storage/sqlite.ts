import { setImmediate as nextTurn } from "node:timers/promises";
import type { CompiledQuery } from "kysely";
import { TilthError } from "../errors.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { Clock } from "../text/ulid.ts";
import { systemClock } from "../text/ulid.ts";
import { createQueries, statementOf } from "./kysely-sqlite.ts";
import { backupPool } from "./sqlite-backup.ts";
import type { Aside } from "./sqlite-aside.ts";
import { createAside } from "./sqlite-aside.ts";
import type { Writer } from "./sqlite-client.ts";
import { startWhenNeeded, startWriter } from "./sqlite-client.ts";
import { lookAtRest } from "./sqlite-database.ts";
import { storageError } from "./sqlite-errors.ts";
import type { DuplicateChoice } from "./sqlite-duplicates.ts";
import { MARKS_A_UNIT } from "./sqlite-duplicates.ts";
import type { Outcome, WriterOptions } from "./sqlite-messages.ts";
import { packRows } from "./sqlite-pack.ts";
import { fileSystemAt, placeProblem } from "./sqlite-place.ts";
import type { Readers } from "./sqlite-readers.ts";
import { createReaders } from "./sqlite-readers.ts";
import type { Searchable } from "./sqlite-search.ts";
import { createFeeder, feedIndex, patienceOf, searchPool } from "./sqlite-search.ts";
import type {
  Captured,
  CaptureOptions,
  DuplicateMark,
  DuplicatesMarked,
  Fed,
  MarkOptions,
  NewRow,
  Queries,
  Storage,
  StorageCapabilities,
  Used,
  UseOptions,
  WriteResult,
} from "./storage.ts";

/** How a pool is opened. */
export interface SqliteOptions {
  /** `durable`: acknowledged means fsynced. `relaxed`: survives a crash of the process, not always a power cut. @defaultValue `"durable"` */
  readonly durability?: "durable" | "relaxed";
  /** Hears what is odd about the place but no reason to refuse it. */
  readonly warn?: (message: string) => void;
  /** @defaultValue the system's */
  readonly clock?: Clock;
  /** How long a write waits for another process. @defaultValue 10_000 */
  readonly busyTimeoutMs?: number;
  /** After how long without work memory is given back. @defaultValue 30_000 */
  readonly idleMs?: number;
  /** Reads that may take long go to a thread of their own, for whoever serves others meanwhile. @defaultValue false */
  readonly hasAside?: boolean;
}

const capabilities: StorageCapabilities = {
  writers: "one",
  cut: "sequence",
  changeLog: "trigger",
  search: "fts5",
  wake: "poll",
  partitions: false,
};

/**
 * Opens a pool in a SQLite file, and makes it where the file is missing or empty; its folder must exist.
 *
 * Writes go to a thread of their own, which starts when it is needed, and are committed in groups; reads run on this thread. Several
 * processes may have a pool open. After a stop that left the log behind, and where no other process has the pool open, SQLite looks the
 * whole file over first.
 *
 * @throws {@link TilthError} `storage/not-writable`, `storage/not-a-pool`, `storage/newer-schema`, `storage/network-file-system`,
 * `storage/damaged`, `storage/busy`.
 * @example
 * const storage = await openSqlite(".tilth/pool.db");
 */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Storage> {
  const { durability = "durable", busyTimeoutMs = 10_000, idleMs = 30_000, clock = systemClock, hasAside = false } = options;
  checkPlace(path, options);
  const synchronous = durability === "durable" ? "FULL" : "NORMAL";
  const writerOptions = { path, synchronous, busyTimeoutMs, idleMs, openedAtMs: clock.nowMs() } as const;
  const writer = await openWriter(writerOptions);
  const readers = createReaders({ path, busyTimeoutMs, idleMs });
  const aside = hasAside ? { aside: createAside({ path, busyTimeoutMs, idleMs }) } : {};
  return storageOver({ path, writer, readers, ...aside, clock, busyTimeoutMs });
}

async function openWriter(options: WriterOptions): Promise<Writer> {
  const atRest = lookAtRest(options.path);
  if (atRest !== undefined) return startWhenNeeded(atRest, options);
  const first = await startWriter(options);
  return startWhenNeeded(first, options, first);
}

function checkPlace(path: string, { warn }: SqliteOptions): void {
  const problem = placeProblem(path);
  if (problem !== undefined) throw storageError(path, problem);
  const place = fileSystemAt(path);
  if (place.kind === "network") throw new TilthError("storage/network-file-system", { path, fileSystem: place.name });
  if (place.kind === "fuse")
    warn?.(`The pool ${path} lies on a FUSE file system: make sure that it locks files and keeps them on this machine.`);
}

interface Parts {
  readonly path: string;
  readonly writer: Writer;
  readonly readers: Readers;
  /** Absent = the readers do. */
  readonly aside?: Aside;
  readonly clock: Clock;
  readonly busyTimeoutMs: number;
}

/** A storage over a writer and readers that are open. */
function storageOver({ path, writer, readers, aside, clock, busyTimeoutMs }: Parts): Storage {
  const feed = (): Promise<Fed> => writer.send({ kind: "feed", atMs: clock.nowMs() });
  const searchable: Searchable = {
    read: (work) => (aside ?? readers).read(work),
    feed: createFeeder(feed, aside !== undefined),
    patienceMs: patienceOf(aside !== undefined),
  };
  let closing: Promise<void> | undefined;
  const open = (): void => {
    if (closing !== undefined) throw storageError(path, { code: "storage/closed", reason: "it was closed" });
  };

  return {
    capabilities,
    schemaVersion: writer.schemaVersion,
    id: writer.id,
    async read(work) {
      open();
      return readers.read(work);
    },
    async readAside(work) {
      open();
      return (aside ?? readers).read(work);
    },
    async write(units) {
      open();
      return writeUnits(writer, units);
    },
    async transaction(work) {
      open();
      return runTransaction(writer, work);
    },
    async capture(rows, captureOptions) {
      open();
      return captureRows(writer, rows, captureOptions);
    },
    async bulk(work) {
      open();
      await writer.step({ kind: "begin-bulk" });
      try {
        return await work();
      } finally {
        await writer.step({ kind: "end-bulk" });
      }
    },
    async addSignals(signals) {
      open();
      return writer.send({ kind: "signals", signals });
    },
    async change(changes, changeOptions) {
      open();
      return writer.send({ kind: "change", changes, options: changeOptions });
    },
    async setMembers(datasetId, { add = [], remove = [] }, changeOptions) {
      open();
      return writer.send({ kind: "members", datasetId, change: { add, remove }, options: changeOptions });
    },
    async search(query, searchOptions) {
      open();
      return searchPool(searchable, query, searchOptions);
    },
    async feedSearch(budgetMs, { signal } = {}) {
      open();
      return feedIndex(feed, budgetMs, signal);
    },
    async markUsed(ids, useOptions) {
      open();
      return markUsed(writer, ids, useOptions);
    },
    async markDuplicates(marks, markOptions) {
      open();
      return markDuplicates(writer, marks, markOptions);
    },
    async clearDuplicates({ runId }) {
      open();
      return clearDuplicates(writer, { runId });
    },
    async addMetrics(metrics) {
      open();
      for (const rows of piecesOf(metrics)) await writer.send({ kind: "metrics", rows });
    },
    async setSetting(key, value) {
      open();
      await writer.send({ kind: "setting", key, json: canonicalJson(value), atMs: clock.nowMs() });
    },
    async setFreshness(rows) {
      open();
      const sums = { set: 0, missing: new Array<string>() };
      for (const piece of piecesOf(rows)) {
        const { set, missing } = await writer.send({ kind: "freshness", rows: piece });
        sums.set += set;
        sums.missing.push(...missing);
      }
      return sums;
    },
    async addAudit(entries) {
      open();
      for (const piece of entries.length === 0 ? [entries] : piecesOf(entries)) await writer.send({ kind: "audit", entries: piece });
    },
    async backup(target, backupOptions = {}) {
      open();
      return backupPool({ path, target, busyTimeoutMs }, backupOptions);
    },
    async recount({ repair = true } = {}) {
      open();
      return writer.send({ kind: "recount", repair });
    },
    close() {
      closing ??= Promise.all([readers.close(), aside?.close()]).then(() => writer.close());
      return closing;
    },
  };
}

/** Every unit is sent before any is waited for; when one is refused, the others stand. */
async function writeUnits(writer: Writer, units: readonly (readonly CompiledQuery[])[]): Promise<readonly WriteResult[]> {
  const statements = units.map((unit) => unit.map(statementOf));
  return allOrFirst(await Promise.allSettled(statements.map((unit) => writer.send({ kind: "write", statements: unit }))));
}

/** A larger message would hold up this thread while it is written, and the writer while it is read. */
const ROWS_A_MESSAGE = 1_000;

async function captureRows(writer: Writer, rows: readonly NewRow[], options: CaptureOptions): Promise<readonly Captured[]> {
  if (rows.length <= ROWS_A_MESSAGE) return captureMessage(writer, rows, options);
  const pieces: Promise<PromiseSettledResult<readonly Captured[]>>[] = [];
  for (let first = 0; first < rows.length; first += ROWS_A_MESSAGE) {
    if (first > 0) await nextTurn();
    pieces.push(settled(captureMessage(writer, rows.slice(first, first + ROWS_A_MESSAGE), options)));
  }
  return allOrFirst(await Promise.all(pieces)).flat();
}

/** Not async itself: while the answer is awaited, nothing holds the rows. */
function captureMessage(writer: Writer, rows: readonly NewRow[], options: CaptureOptions): Promise<readonly Captured[]> {
  const captured: Captured[] = rows.map(({ row }) => ({ status: "accepted", id: row.id }));
  return writer.send({ kind: "capture", rows: packRows(rows), options }).then((outcomes) => withOutcomes(captured, outcomes));
}

function withOutcomes(captured: Captured[], outcomes: readonly Outcome[]): readonly Captured[] {
  for (const { index, ...outcome } of outcomes) captured[index] = outcome;
  return captured;
}

/** What a call brings, in pieces that a transaction takes. */
function* piecesOf<T>(all: readonly T[]): Generator<readonly T[], void, undefined> {
  for (let first = 0; first < all.length; first += MARKS_A_UNIT) yield all.slice(first, first + MARKS_A_UNIT);
}

async function markDuplicates(writer: Writer, marks: readonly DuplicateMark[], options: MarkOptions): Promise<DuplicatesMarked> {
  const dropped = new Set(marks.map(({ id }) => id));
  const both = marks.find(({ witnessId }) => dropped.has(witnessId));
  if (both !== undefined)
    throw new TilthError("input/invalid", { where: "marks", problem: `${both.witnessId} is kept for one example and dropped for another` });
  const { strategy, scope = "", runId } = options;
  let replaced = await clearDuplicates(writer, { strategy, scope, exceptRunId: runId });
  let marked = 0;
  const skipped: string[] = [];
  for (const piece of piecesOf(marks)) {
    const done = await writer.send({ kind: "mark-duplicates", marks: piece, options });
    marked += done.marked;
    replaced += done.replaced;
    skipped.push(...done.skipped);
  }
  return { marked, replaced, skipped };
}

async function clearDuplicates(writer: Writer, choice: DuplicateChoice): Promise<number> {
  for (let cleared = 0; ;) {
    const some = await writer.send({ kind: "clear-duplicates", choice });
    cleared += some;
    if (some < MARKS_A_UNIT) return cleared;
  }
}

async function markUsed(writer: Writer, ids: readonly string[], options: UseOptions): Promise<Used> {
  let sum: Used = { marked: 0, known: 0, missing: [] };
  for (const piece of piecesOf(ids)) {
    const used = await writer.send({ kind: "uses", ids: piece, options });
    sum = { marked: sum.marked + used.marked, known: sum.known + used.known, missing: [...sum.missing, ...used.missing] };
  }
  return sum;
}

/** A refusal that comes while further pieces are sent is heard later, not reported as unhandled. */
async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([promise]);
  return result;
}

/** All values, or the first refusal. */
function allOrFirst<T>(results: readonly PromiseSettledResult<T>[]): readonly T[] {
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

const MOST_TRIES = 3;

async function runTransaction<T>(writer: Writer, work: (queries: Queries) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryTransaction(writer, work);
    } catch (error) {
      if (tries === MOST_TRIES || !(error instanceof TilthError) || error.code !== "storage/busy") throw error;
    }
  }
}

async function tryTransaction<T>(writer: Writer, work: (queries: Queries) => Promise<T>): Promise<T> {
  await writer.step({ kind: "begin" });
  let result: T;
  try {
    result = await work(createQueries((statement) => writer.query(statement)));
  } catch (error) {
    await writer.step({ kind: "rollback" });
    throw error;
  }
  await writer.step({ kind: "commit" });
  return result;
}
