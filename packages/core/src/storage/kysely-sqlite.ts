import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult } from "kysely";
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Statement, StatementResult } from "./sqlite-statements.ts";
import { encode } from "./sqlite-statements.ts";
import type { Queries } from "./storage.ts";
import type { Pool } from "./tables.ts";

/** Makes Kysely queries that run wherever `run` says: on a connection of this thread, or on the writer's. */
export function createQueries(run: (statement: Statement) => Promise<StatementResult>): Queries {
  return new Kysely<Pool>({ dialect: dialectOver(run) });
}

/** Turns a compiled query into a statement: booleans become 0 and 1, objects canonical JSON. */
export function statementOf(query: Pick<CompiledQuery, "sql" | "parameters">): Statement {
  return { sql: query.sql, parameters: query.parameters.map(encode) };
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
