import type { Example } from "../schema/example.ts";
import { identityOf } from "../schema/identity.ts";
import type { ExampleRow, RowExtras } from "../schema/row.ts";
import { rowToContent, rowToExample } from "../schema/row.ts";
import { versionColumns } from "../schema/column.ts";
import type { Row } from "./cells.ts";
import type { PoolSource } from "./pool-rows.ts";
import { poolRows } from "./pool-rows.ts";
import type { ReadVersionOptions } from "./read-version.ts";
import { readVersion } from "./read-version.ts";

/**
 * Streams the examples of a version, in id order.
 *
 * @throws TilthError `storage/object-missing`, `version/damaged`
 */
export async function* examplesOfVersion(options: ReadVersionOptions): AsyncIterable<readonly Example[]> {
  for await (const rows of readVersion(options)) yield rows.map((row) => rowToExample(row, extrasOf(row.subjects)));
}

/** Streams the active examples a recipe takes from the pool as one snapshot holds it, in id order. */
export async function* examplesOfPool(source: PoolSource, signal?: AbortSignal): AsyncIterable<readonly Example[]> {
  for await (const rows of poolRows(source, signal)) yield rows.map(exampleOfCells);
}

/** Pool rows come in the columns of a version, with what does not differ between the two. */
function exampleOfCells(cells: Row): Example {
  const row: Record<string, unknown> = { rev: 1, duplicate_kept: 0 };
  for (const [index, column] of versionColumns.entries()) row[column.name] = cells[index];
  const subjects = cells[versionColumns.length - 1];
  // oxlint-disable-next-line typescript/consistent-type-assertions -- selected from the pool's own table, whose columns these are
  const held = row as unknown as ExampleRow;
  const { contentHash, inputHash } = identityOf(rowToContent(held));
  return rowToExample({ ...held, content_hash: contentHash, input_hash: inputHash }, extrasOf(Array.isArray(subjects) ? subjects : []));
}

function extrasOf(subjects: readonly string[]): RowExtras {
  const [subjectId] = subjects;
  return subjectId === undefined ? {} : { subjectId };
}
