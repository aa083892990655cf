import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Compilable } from "kysely";
import { createQueries, statementOf } from "./kysely-sqlite.ts";
import { openReader } from "./sqlite-database.ts";
import { failureOf, storageError } from "./sqlite-errors.ts";
import { createRunner } from "./sqlite-statements.ts";
import type { ColumnValue, Queries, ScanOptions, Snapshot } from "./storage.ts";

/** Read-only connections on the caller's thread, one for each read that is under way. */
export interface Readers {
  read<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>;
  /** How many connections are open. */
  connections(): number;
  /** Waits for the reads under way. */
  close(): Promise<void>;
}

interface Reader {
  readonly database: DatabaseSync;
  readonly queries: Queries;
  readonly begin: () => number;
  idle?: NodeJS.Timeout;
}

const DEFAULT_BATCH_ROWS = 1_000;

/** Opens connections as reads need them; those that were idle for `idleMs` are closed, but for one. */
export function createReaders(options: { readonly path: string; readonly busyTimeoutMs: number; readonly idleMs: number }): Readers {
  const { path, busyTimeoutMs, idleMs } = options;
  const idle: Reader[] = [];
  const active = new Set<Promise<unknown>>();

  return {
    connections: () => idle.length + active.size,
    async read(work) {
      const reading = readOn(takeReader(), work);
      active.add(reading);
      try {
        return await reading;
      } finally {
        active.delete(reading);
      }
    },
    async close() {
      await Promise.allSettled(active);
      for (const reader of idle.splice(0)) closeReader(reader);
    },
  };

  function takeReader(): Reader {
    return idle.pop() ?? connect();
  }

  async function readOn<T>(reader: Reader, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const { database, queries } = reader;
    const state = { isOpen: true };
    try {
      const seq = named(() => reader.begin());
      return await work({ queries, seq, scan: (query, scanOptions = {}) => scan(database, query, scanOptions, state) });
    } finally {
      state.isOpen = false;
      if (database.isTransaction) database.exec("COMMIT");
      release(reader);
    }
  }

  function connect(): Reader {
    return named(() => {
      const database = openReader(path, busyTimeoutMs);
      const run = createRunner(database);
      const lastSeq = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'change_log'");
      const queries = createQueries(async (statement) => named(() => run(statement)));
      const begin = (): number => {
        database.exec("BEGIN");
        return Number(lastSeq.get()?.["seq"] ?? 0);
      };
      return { database, queries, begin };
    });
  }

  function release(reader: Reader): void {
    idle.push(reader);
    // Not from the last read on: somebody who looks every other second would keep all of it for good.
    reader.idle ??= setTimeout(() => rest(reader), idleMs).unref();
  }

  /** Of a cache, `shrink_memory` gives back only a part: closing gives back all. */
  function rest(reader: Reader): void {
    delete reader.idle;
    const at = idle.indexOf(reader);
    if (at < 0) return; // it reads: the next look is set when it has done so
    if (idle.length === 1) return reader.database.exec("PRAGMA shrink_memory");
    idle.splice(at, 1);
    closeReader(reader);
  }

  function named<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof TypeError ? error : storageError(path, failureOf(error), error);
    }
  }
}

async function* scan(
  database: DatabaseSync,
  query: Compilable<unknown>,
  { batchRows = DEFAULT_BATCH_ROWS, signal }: ScanOptions,
  state: { readonly isOpen: boolean },
): AsyncGenerator<readonly (readonly ColumnValue[])[]> {
  const { sql, parameters } = statementOf(query.compile());
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  let batch: (readonly ColumnValue[])[] = [];
  for (const row of statement.iterate(...parameters)) {
    if (isColumns(row)) batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
    await nextTurn();
    signal?.throwIfAborted();
    if (!state.isOpen) throw new TypeError("A scan ends with the read it belongs to");
  }
  if (batch.length > 0) yield batch;
}

/** With `setReturnArrays` a row is an array of what SQLite holds; integers come as numbers, since the pool has none beyond 2^53. */
function isColumns(row: unknown): row is readonly ColumnValue[] {
  return Array.isArray(row);
}

function closeReader({ database, idle }: Reader): void {
  clearTimeout(idle);
  database.close();
}
