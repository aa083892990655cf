import type { DuckDBDataChunk, DuckDBValue } from "@duckdb/node-api";
import type { Objects } from "../objects/objects.ts";
import { objectKey } from "../objects/objects.ts";
import { kinds } from "../schema/content.ts";
import { identityOf } from "../schema/identity.ts";
import type { Manifest } from "../schema/manifest.ts";
import type { ExampleRow } from "../schema/row.ts";
import { rowToContent } from "../schema/row.ts";
import type { Cell } from "./cells.ts";
import type { Duck, DuckSession } from "./duckdb.ts";
import { identifier, quoted } from "./duckdb.ts";
import { readChunks } from "./manifest.ts";

export interface ReadVersionOptions {
  readonly objects: Objects;
  readonly duck: Duck;
  readonly manifest: Manifest;
  readonly signal?: AbortSignal;
}

/** A row of a version in the form of the pool's; `rev` is 1, since versions do not keep it. */
export interface VersionRow extends ExampleRow {
  /** Keyed hashes of the people it is about, hex. */
  readonly subjects: readonly string[];
}

/**
 * Streams the rows of a version in key order, so that `rowToExample` makes the same examples of them as of the pool's.
 *
 * Booleans are 0 or 1, times milliseconds; both hashes are computed from the content. Memory: some thousand rows.
 *
 * @param options.where - Keeps only the rows it is true of.
 * @throws TilthError `storage/object-missing`, `version/damaged`
 */
export async function* readVersion(
  options: ReadVersionOptions & { readonly where?: (row: VersionRow) => boolean },
): AsyncIterable<readonly VersionRow[]> {
  const names = options.manifest.schema.map((column) => column.name);
  for await (const batch of readColumns({ ...options, columns: names })) {
    const rows = batch.map((cells) => toRow(names, cells));
    yield options.where === undefined ? rows : rows.filter(options.where);
  }
}

/**
 * Streams some columns of a version in key order, as arrays of cells in the order named. A column the version does not have is null.
 *
 * @throws TilthError `storage/object-missing`, `version/damaged`
 */
export async function* readColumns(
  options: ReadVersionOptions & { readonly columns: readonly string[] },
): AsyncIterable<readonly (readonly Cell[])[]> {
  const { objects, duck, manifest, columns, signal } = options;
  const known = new Set(manifest.schema.map((column) => column.name));
  const selected = columns.map((name) => (known.has(name) ? identifier(name) : "NULL")).join(", ");
  for (const chunk of await readChunks(objects, manifest)) {
    signal?.throwIfAborted();
    const path = await objects.local(objectKey(chunk.object, "parquet"));
    yield* streamed(duck, `SELECT ${selected} FROM read_parquet(${quoted(path)})`);
  }
}

/**
 * The rows of a short answer, in the form of {@link readVersion}.
 *
 * @param sql - Selects the named columns in this order.
 */
export async function queryVersionRows(session: DuckSession, names: readonly string[], sql: string): Promise<readonly VersionRow[]> {
  const rows: VersionRow[] = [];
  for await (const batch of queryCells(session, sql)) rows.push(...batch.map((cells) => toRow(names, cells)));
  return rows;
}

/** Streams an answer as cells, some thousand rows at a time. */
export async function* queryCells({ connection }: DuckSession, sql: string): AsyncIterable<readonly (readonly Cell[])[]> {
  for await (const chunk of await connection.stream(sql)) yield cellsOf(chunk);
}

/** A generator cannot be handed the connection of `use`, so `use` hands out one batch a time and waits until the next is wanted. */
async function* streamed(duck: Duck, sql: string): AsyncIterable<readonly (readonly Cell[])[]> {
  let wanted = Promise.withResolvers<boolean>();
  let given = Promise.withResolvers<readonly (readonly Cell[])[] | undefined>();
  const work = duck.use(async (session) => {
    if (!(await wanted.promise)) return;
    for await (const batch of queryCells(session, sql)) {
      wanted = Promise.withResolvers();
      given.resolve(batch);
      if (!(await wanted.promise)) return;
    }
    given.resolve(undefined);
  });
  work.catch((cause: unknown) => given.reject(cause));
  try {
    for (;;) {
      wanted.resolve(true);
      const batch = await given.promise;
      if (batch === undefined) return;
      given = Promise.withResolvers();
      yield batch;
    }
  } finally {
    wanted.resolve(false);
    await work.catch(() => undefined);
  }
}

function cellsOf(chunk: DuckDBDataChunk): readonly (readonly Cell[])[] {
  const columns = chunk.getColumns();
  return Array.from({ length: chunk.rowCount }, (_, row) => columns.map((column) => cellOf(column[row] ?? null)));
}

function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return Number(value);
  if ("micros" in value && typeof value.micros === "bigint") return Number(value.micros / 1_000n);
  if ("items" in value) return Object.values(value.items).map(String);
  throw new TypeError(`a version holds no ${value.constructor.name}`);
}

function toRow(names: readonly string[], cells: readonly Cell[]): VersionRow {
  const row: Record<string, unknown> = { rev: 1, duplicate_kept: 0 };
  for (const [index, name] of names.entries()) row[name] = cells[index];
  row["subjects"] ??= [];
  if (!isVersionRow(row)) throw new TypeError("a chunk holds rows of another schema");
  const { contentHash, inputHash } = identityOf(rowToContent(row));
  return { ...row, content_hash: contentHash, input_hash: inputHash };
}

const knownKinds: ReadonlySet<unknown> = new Set(kinds);

/** Chunks are only ever written from rows of the pool, and their hash was checked: the kind tells whether it is such a row. */
function isVersionRow(row: Record<string, unknown>): row is Record<string, unknown> & VersionRow {
  return typeof row["id"] === "string" && knownKinds.has(row["kind"]);
}
