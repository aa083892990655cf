import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult } from "kysely";
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { canonicalJson } from "../text/canonical.ts";
import type { Queries } from "./storage.ts";
import type { Pool } from "./tables.ts";

/** A query as it is run: the text with `?`, and its values as SQLite holds them. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

/** What a statement came to. */
export interface StatementResult {
  readonly rows: readonly Readonly<Record<string, SQLOutputValue>>[];
  readonly changes: number;
}

/** Makes Kysely queries that run wherever `run` says: on a connection of this thread, or on the writer's. */
export function createQueries(run: (statement: Statement) => Promise<StatementResult>): Queries {
  return new Kysely<Pool>({ dialect: dialectOver(run) });
}

/** Runs statements on a connection of this thread and keeps the last 200 of them prepared. */
export function createRunner(database: DatabaseSync): (statement: Statement) => StatementResult {
  const prepare = createStatementCache(database, 200);
  return ({ sql, parameters }) => {
    const statement = prepare(sql);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  };
}

/** Prepares a statement once and hands it out again; the one that was made first goes when there are too many. */
export function createStatementCache(database: DatabaseSync, limit: number): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const [oldest] = prepared.keys();
    if (prepared.size >= limit && oldest !== undefined) prepared.delete(oldest);
    const statement = database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
}

/** Turns a compiled query into a statement: booleans become 0 and 1, objects canonical JSON. */
export function statementOf(query: Pick<CompiledQuery, "sql" | "parameters">): Statement {
  return { sql: query.sql, parameters: query.parameters.map(encode) };
}

/**
 * Writes a value as SQLite holds it.
 *
 * @throws TypeError for `undefined`: a column is left out or set to `null`, never both.
 */
export function encode(value: unknown): SQLInputValue {
  if (value === null || typeof value === "number" || typeof value === "string" || typeof value === "bigint") return value;
  if (value instanceof Uint8Array) return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === undefined) throw new TypeError("undefined is not a value: leave the column out or use null");
  return canonicalJson(value);
}

function dialectOver(run: (statement: Statement) => Promise<StatementResult>): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const { rows, changes } = await run(statementOf(query));
      return { rows: typed<Row>(rows), numAffectedRows: BigInt(changes) };
    },
    streamQuery: () => refuse("streaming: use the snapshot's scan"),
  };
  return {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (queries) => new SqliteIntrospector(queries),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      releaseConnection: async () => {},
      // A read is one snapshot and a transaction one transaction already; inside them there is no second one.
      beginTransaction: async () => refuse("a transaction inside another"),
      commitTransaction: async () => refuse("a transaction inside another"),
      rollbackTransaction: async () => refuse("a transaction inside another"),
      destroy: async () => {},
    }),
  };
}

function refuse(what: string): never {
  throw new TypeError(`The pool's queries have no ${what}`);
}

/** Kysely derives the rows' type from the query, and the query from the table types that a test holds equal to the schema. */
function typed<Row>(rows: readonly unknown[]): Row[] {
  const known: unknown = rows;
  if (isRowsOf<Row>(known)) return known;
  throw new TypeError("rows are an array");
}

function isRowsOf<Row>(value: unknown): value is Row[] {
  return Array.isArray(value);
}
