import type { Objects } from "../objects/objects.ts";
import { objectKey } from "../objects/objects.ts";
import type { VersionColumn } from "../schema/column.ts";
import type { Chunk } from "../schema/manifest.ts";
import type { DuckSession } from "./duckdb.ts";
import { identifier, queryCounts, quoted } from "./duckdb.ts";

/** How many rows one version has that the other has not, or otherwise. */
export interface ChangeCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** The chunks of one side, with the columns they are written in. */
export interface ChunkSide {
  readonly chunks: readonly Chunk[];
  readonly columns: readonly VersionColumn[];
}

/**
 * Counts the rows that differ between two lists of chunks: every column of every row is compared, by key.
 *
 * Chunks in both lists cancel out. Of the others, those whose key ranges meet are compared together, so that some chunks are in memory
 * at a time; linear in their rows.
 */
export async function countChanges(session: DuckSession, objects: Objects, before: ChunkSide, after: ChunkSide): Promise<ChangeCounts> {
  const total = { added: 0, changed: 0, removed: 0 };
  for (const group of meetingChunks(before.chunks, after.chunks)) {
    const [added = 0, changed = 0, removed = 0] = await countGroup(
      session,
      objects,
      { ...before, chunks: group.before },
      { ...after, chunks: group.after },
    );
    total.added += added;
    total.changed += changed;
    total.removed += removed;
  }
  return total;
}

interface Meeting {
  readonly before: readonly Chunk[];
  readonly after: readonly Chunk[];
}

/** The chunks only one side has, in groups whose key ranges do not meet those of other groups, in key order. */
export function meetingChunks(before: readonly Chunk[], after: readonly Chunk[]): readonly Meeting[] {
  const sides = [
    withoutShared(before, after).map((chunk) => ({ chunk, side: "before" as const })),
    withoutShared(after, before).map((chunk) => ({ chunk, side: "after" as const })),
  ];
  const ordered = sides.flat().sort((a, b) => compareKeys(a.chunk.min, b.chunk.min));
  const groups: { before: Chunk[]; after: Chunk[]; max: string }[] = [];
  for (const { chunk, side } of ordered) {
    const last = groups.at(-1);
    if (last === undefined || compareKeys(chunk.min, last.max) > 0) {
      groups.push({ before: [], after: [], max: chunk.max, [side]: [chunk] });
      continue;
    }
    last[side].push(chunk);
    if (compareKeys(chunk.max, last.max) > 0) last.max = chunk.max;
  }
  return groups;
}

/** Order of keys: by their UTF-8 bytes, as every engine of the house sorts them. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** True when both hold the same rows, whoever wrote them. */
export function sameRows(a: Chunk, b: Chunk): boolean {
  if (a.object === b.object) return true;
  return a.cells !== undefined && a.cells === b.cells && a.rows === b.rows && a.min === b.min && a.max === b.max;
}

function withoutShared(chunks: readonly Chunk[], others: readonly Chunk[]): readonly Chunk[] {
  const byStart = new Map(others.map((chunk) => [chunk.min, chunk]));
  return chunks.filter((chunk) => {
    const twin = byStart.get(chunk.min);
    return twin === undefined || !sameRows(chunk, twin);
  });
}

async function countGroup(session: DuckSession, objects: Objects, before: ChunkSide, after: ChunkSide): Promise<readonly number[]> {
  const rows = (side: ChunkSide): number => side.chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  if (before.chunks.length === 0) return [rows(after), 0, 0];
  if (after.chunks.length === 0) return [0, 0, rows(before)];
  return queryCounts(
    session,
    `SELECT count(*) FILTER (o.id IS NULL), count(*) FILTER (o.id IS NOT NULL AND n.id IS NOT NULL AND (${differs(before, after)})), count(*) FILTER (n.id IS NULL)
     FROM ${await readAll(objects, before.chunks)} o FULL JOIN ${await readAll(objects, after.chunks)} n ON o.id = n.id`,
  );
}

/** A column that only one side has counts as null on the other. */
function differs(before: ChunkSide, after: ChunkSide): string {
  const names = (side: ChunkSide): ReadonlySet<string> => new Set(side.columns.map((column) => column.name));
  const [old, now] = [names(before), names(after)];
  return [...old.union(now)]
    .map(
      (name) => `${old.has(name) ? `o.${identifier(name)}` : "NULL"} IS DISTINCT FROM ${now.has(name) ? `n.${identifier(name)}` : "NULL"}`,
    )
    .join(" OR ");
}

async function readAll(objects: Objects, chunks: readonly Chunk[]): Promise<string> {
  const paths = await Promise.all(chunks.map((chunk) => objects.local(objectKey(chunk.object, "parquet"))));
  return `read_parquet([${paths.map(quoted).join(", ")}])`;
}
