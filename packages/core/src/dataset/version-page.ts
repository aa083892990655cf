import type { Example } from "../schema/example.ts";
import { rowToExample } from "../schema/row.ts";
import { objectKey } from "../objects/objects.ts";
import { identifier, quoted } from "./duckdb.ts";
import { readChunks } from "./manifest.ts";
import type { ReadVersionOptions, VersionRow } from "./read-version.ts";
import { queryVersionRows } from "./read-version.ts";

/** A part of a version's examples, by id. */
export interface VersionPage {
  readonly examples: readonly Example[];
  /** The id to go on behind; absent on the last page. */
  readonly next?: string;
}

/**
 * Reads one page of a version's examples, in id order. It costs the chunks it lies in, however many there are.
 *
 * @param options.after - The id of the page before to go on behind.
 * @throws TilthError `storage/object-missing`, `version/damaged`
 */
export async function readVersionPage(
  options: ReadVersionOptions & { readonly limit: number; readonly after?: string },
): Promise<VersionPage> {
  const { objects, duck, manifest, limit, after, signal } = options;
  const names = manifest.schema.map((column) => column.name);
  const columns = names.map(identifier).join(", ");
  const rows: VersionRow[] = [];
  for (const chunk of await readChunks(objects, manifest)) {
    if (after !== undefined && Buffer.compare(Buffer.from(chunk.max), Buffer.from(after)) <= 0) continue;
    signal?.throwIfAborted();
    const path = await objects.local(objectKey(chunk.object, "parquet"));
    const behind = after === undefined ? "" : `WHERE id > ${quoted(after)} `;
    const wanted = limit + 1 - rows.length;
    const sql = `SELECT ${columns} FROM read_parquet(${quoted(path)}) ${behind}ORDER BY id LIMIT ${wanted}`;
    rows.push(...(await duck.use((session) => queryVersionRows(session, names, sql))));
    if (rows.length > limit) break;
  }
  const examples = rows
    .slice(0, limit)
    .map((row) => rowToExample(row, row.subjects[0] === undefined ? {} : { subjectId: row.subjects[0] }));
  const last = examples.at(-1);
  return rows.length > limit && last !== undefined ? { examples, next: last.id } : { examples };
}
