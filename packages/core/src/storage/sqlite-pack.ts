import type { SQLInputValue } from "node:sqlite";
import type { PackedRows, RowExtra } from "./sqlite-messages.ts";
import type { NewRow } from "./storage.ts";
import { exampleColumns } from "./tables.ts";

/** Packs rows for their way to the writer. */
export function packRows(rows: readonly NewRow[]): PackedRows {
  const columns = plainColumns.filter((column) => rows.some(({ row }) => row[column] !== null));
  const values: SQLInputValue[] = [];
  const hashes = new Uint8Array(rows.length * 32);
  const identities = new Uint8Array(rows.length);
  const extras: RowExtra[] = [];
  for (const [index, { row, tags, sourceIdIsIdentity, ...hanging }] of rows.entries()) {
    for (const column of columns) values.push(column === "tags" ? tagsJson(tags) : row[column]);
    hashes.set(row.content_hash, index * 32);
    hashes.set(row.input_hash, index * 32 + 16);
    if (sourceIdIsIdentity) identities[index] = 1;
    const { findings, scores, engagement, subjectId } = hanging;
    if (findings.length > 0 || scores.length > 0 || engagement !== undefined || subjectId !== undefined) extras.push({ index, ...hanging });
  }
  return { count: rows.length, columns, values, hashes, extras, identities };
}

/** Hashes travel apart; a new row has revision 1. */
const plainColumns = exampleColumns.filter((column) => column !== "content_hash" && column !== "input_hash" && column !== "rev");

function tagsJson(tags: readonly string[]): string {
  if (tags.length === 0) return "[]";
  return JSON.stringify([...new Set(tags)]);
}
