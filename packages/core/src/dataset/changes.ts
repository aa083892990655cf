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
    for (const window of windowsOf(group)) {
      const [added = 0, changed = 0, removed = 0] = await countWindow(session, objects, { before, after }, window);
      total.added += added;
      total.changed += changed;
      total.removed += removed;
    }
  }
  return total;
}

/** Chunks of two versions whose key ranges meet. */
export interface Meeting {
  readonly before: readonly Chunk[];
  readonly after: readonly Chunk[];
}

/** A stretch of keys, and the chunks that have some of it. */
export interface ChunkWindow extends Meeting {
  /** Keys above this one; from the first where it is absent. */
  readonly above?: string;
  readonly upTo: string;
}

const WINDOW_ROWS = 524_288;

/**
 * Cuts a group into stretches of keys with chunks of some 500,000 rows each, so that memory does not grow with the group.
 *
 * Every key lies in one window, and windows come in key order. They end where chunks end, so that few chunks are read twice.
 */
export function* windowsOf(group: Meeting, mostRows: number = WINDOW_ROWS): Iterable<ChunkWindow> {
  const ends = [...new Set([...group.before, ...group.after].map((chunk) => chunk.max))].sort(compareKeys);
  let sides: readonly Reach[] = [group.before, group.after].map((chunks) => ({ chunks, start: 0, end: 0, rows: 0 }));
  let above: string | undefined;
  for (let next = 0; next < ends.length;) {
    let upTo = ends[next++] ?? "";
    sides = sides.map((side) => reach(behind(side, above), upTo));
    for (; next < ends.length; next++) {
      const wider = sides.map((side) => reach(side, ends[next] ?? ""));
      if (wider.reduce((sum, side) => sum + side.rows, 0) > mostRows) break;
      sides = wider;
      upTo = ends[next] ?? "";
    }
    const [before = [], after = []] = sides.map(({ chunks, start, end }) => chunks.slice(start, end));
    yield { before, after, upTo, ...(above === undefined ? {} : { above }) };
    above = upTo;
  }
}

/** Chunks `start` up to but not including `end` of one side, and how many rows they have. */
interface Reach {
  readonly chunks: readonly Chunk[];
  readonly start: number;
  readonly end: number;
  readonly rows: number;
}

/** Nothing yet, from the first chunk that has keys above the given one. */
function behind({ chunks, start: from }: Reach, above: string | undefined): Reach {
  let start = from;
  for (let chunk = chunks[start]; chunk !== undefined && above !== undefined && compareKeys(chunk.max, above) <= 0; chunk = chunks[start])
    start++;
  return { chunks, start, end: start, rows: 0 };
}

/** With every chunk that has keys up to the given one. */
function reach(side: Reach, upTo: string): Reach {
  let { end, rows } = side;
  for (let chunk = side.chunks[end]; chunk !== undefined && compareKeys(chunk.min, upTo) <= 0; chunk = side.chunks[end]) {
    rows += chunk.rows;
    end++;
  }
  return { ...side, end, rows };
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

async function countWindow(
  session: DuckSession,
  objects: Objects,
  { before, after }: { readonly before: ChunkSide; readonly after: ChunkSide },
  window: ChunkWindow,
): Promise<readonly number[]> {
  if (window.before.length === 0) return [await countOf(session, objects, after, window.after, window), 0, 0];
  if (window.after.length === 0) return [0, 0, await countOf(session, objects, before, window.before, window)];
  const differs = differing(before, after).map(({ old, now }) => `${old} IS DISTINCT FROM ${now}`);
  return queryCounts(
    session,
    `SELECT count(*) FILTER (o.id IS NULL), count(*) FILTER (o.id IS NOT NULL AND n.id IS NOT NULL AND (${differs.join(" OR ")})), count(*) FILTER (n.id IS NULL)
     FROM ${await windowRows(objects, before, window.before, window)} o FULL JOIN ${await windowRows(objects, after, window.after, window)} n ON o.id = n.id`,
  );
}

/** How many rows of one side lie in a window: chunks that lie in it whole are not read. */
export async function countOf(
  session: DuckSession,
  objects: Objects,
  side: ChunkSide,
  chunks: readonly Chunk[],
  window: Pick<ChunkWindow, "above" | "upTo">,
): Promise<number> {
  const isWhole = ({ min, max }: Chunk): boolean =>
    (window.above === undefined || compareKeys(min, window.above) > 0) && compareKeys(max, window.upTo) <= 0;
  const whole = chunks.filter(isWhole).reduce((sum, chunk) => sum + chunk.rows, 0);
  const cut = chunks.filter((chunk) => !isWhole(chunk));
  if (cut.length === 0) return whole;
  const [rows = 0] = await queryCounts(session, `SELECT count(*) FROM ${await windowRows(objects, side, cut, window)}`);
  return whole + rows;
}

/** The columns of both sides but the key, as SQL sees them: `o` is the row before, `n` the row after. */
export function differing(
  before: ChunkSide,
  after: ChunkSide,
): readonly { readonly name: string; readonly old: string; readonly now: string }[] {
  const names = (side: ChunkSide): ReadonlySet<string> => new Set(side.columns.map((column) => column.name));
  const [old, now] = [names(before), names(after)];
  return [...old.union(now)]
    .filter((name) => name !== "id")
    .map((name) => ({
      name,
      old: old.has(name) ? `o.${identifier(name)}` : "NULL",
      now: now.has(name) ? `n.${identifier(name)}` : "NULL",
    }));
}

/** SQL for the rows of one side that lie in a window. */
export async function windowRows(
  objects: Objects,
  side: ChunkSide,
  chunks: readonly Chunk[],
  { above, upTo }: Pick<ChunkWindow, "above" | "upTo">,
): Promise<string> {
  const names = side.columns.map((column) => identifier(column.name)).join(", ");
  if (chunks.length === 0) return `(SELECT ${side.columns.map((column) => `NULL AS ${identifier(column.name)}`).join(", ")} WHERE false)`;
  const paths = await Promise.all(chunks.map((chunk) => objects.local(objectKey(chunk.object, "parquet"))));
  const range = above === undefined ? `id <= ${quoted(upTo)}` : `id > ${quoted(above)} AND id <= ${quoted(upTo)}`;
  return `(SELECT ${names} FROM read_parquet([${paths.map(quoted).join(", ")}]) WHERE ${range})`;
}
