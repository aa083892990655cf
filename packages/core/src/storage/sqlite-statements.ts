import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { canonicalJson } from "../text/canonical.ts";

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
