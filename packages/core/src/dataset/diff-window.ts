import type { Content } from "../schema/content.ts";
import { kinds } from "../schema/content.ts";
import { rowToContent, rowToExample } from "../schema/row.ts";
import type { ContentColumns } from "../schema/row-content.ts";
import type { Cell } from "./cells.ts";
import type { ChunkWindow } from "./changes.ts";
import { compareKeys, countOf, differing, windowRows } from "./changes.ts";
import { changedContent, changesOfRow, contentColumns, fieldOfColumn, fieldsOfColumns, plainKinds } from "./diff-fields.ts";
import type { OpenSides } from "./diff-sides.ts";
import type { Tally } from "./diff-tally.ts";
import { addChanged, addTransition } from "./diff-tally.ts";
import type { DuckSession } from "./duckdb.ts";
import { identifier, queryCounts, queryRows, quoted } from "./duckdb.ts";
import type { VersionRow } from "./read-version.ts";
import { queryCells, queryVersionRows } from "./read-version.ts";

/** One stretch of keys of two versions. */
export interface WindowSource {
  readonly session: DuckSession;
  readonly sides: OpenSides;
  readonly window: ChunkWindow;
}

/**
 * Adds to the tally what differs in one window.
 *
 * DuckDB joins the rows and says which columns differ. Fields follow from columns, but for content whose columns depend on each other
 * (messages of a chat, say): such rows are looked into one by one.
 */
export async function diffWindow(source: WindowSource, tally: Tally): Promise<void> {
  const { session, sides, window } = source;
  if (window.before.length === 0 || window.after.length === 0) {
    tally.added += await countOf(session, sides.objects, sides.after, window.after, window);
    tally.removed += await countOf(session, sides.objects, sides.before, window.before, window);
    await list(source, tally, "removed", await windowRows(sides.objects, sides.before, window.before, window));
    return list(source, tally, "added", await windowRows(sides.objects, sides.after, window.after, window));
  }
  const columns = differing(sides.before, sides.after);
  await session.connection.run(await joinSql(source, columns));
  const [added = 0, removed = 0] = await queryCounts(session, "SELECT count(*) FILTER (added), count(*) FILTER (removed) FROM diff");
  tally.added += added;
  tally.removed += removed;
  const names = columns.map((column) => column.name);
  const masks = await countMasks(session, tally, names);
  const looked = await lookInto(session, tally, names);
  await countTransitions(session, tally);
  await list(source, tally, "removed", "diff WHERE removed");
  await list(source, tally, "added", "diff WHERE added");
  await listChanged(source, tally, { masks, looked });
}

type Differing = ReturnType<typeof differing>[number];

/** Columns whose values are labels: few, and worth to be followed from version to version. */
const labelColumns: Readonly<Record<string, string>> = {
  kind: "kind",
  intent: "labels.intent",
  sentiment: "labels.sentiment",
  persona: "labels.persona",
  label: "label",
  quality_tier: fieldOfColumn("quality_tier"),
  review_status: fieldOfColumn("review_status"),
};

/** The rows that differ, as the temporary table `diff`; `mask` has a 1 for each column that does. */
async function joinSql({ sides, window }: WindowSource, columns: readonly Differing[]): Promise<string> {
  const differs = ({ old, now }: Differing): string => `${old} IS DISTINCT FROM ${now}`;
  const named = (name: string): Differing => columns.find((column) => column.name === name) ?? { name, old: "NULL", now: "NULL" };
  const content = contentColumns.map(named);
  const plain = Object.keys(plainKinds).map(quoted).join(", ");
  const labels = Object.keys(labelColumns).map(named);
  return `CREATE OR REPLACE TEMP TABLE diff AS
    SELECT coalesce(o.id, n.id) AS id, o.id IS NULL AS added, n.id IS NULL AS removed,
      NOT added AND NOT removed AS changed,
      CASE WHEN changed THEN concat(${columns.map((column) => `CASE WHEN ${differs(column)} THEN '1' ELSE '0' END`).join(", ")}) END AS mask,
      changed AND (o.kind <> n.kind OR n.kind NOT IN (${plain})) AND (${content.map(differs).join(" OR ")}) AS look,
      ${labels.map(({ name, old, now }) => `${old} AS was_${name}, ${now} AS is_${name}`).join(", ")},
      ${content.map(({ name, old, now }) => `CASE WHEN look THEN ${old} END AS old_${name}, CASE WHEN look THEN ${now} END AS new_${name}`).join(", ")}
    FROM ${await windowRows(sides.objects, sides.before, window.before, window)} o
    FULL JOIN ${await windowRows(sides.objects, sides.after, window.after, window)} n ON o.id = n.id
    WHERE o.id IS NULL OR n.id IS NULL OR ${columns.map(differs).join(" OR ")}`;
}

/** Counts rows whose fields follow from their columns: by which of them differ, so that a million alike are one row here. */
async function countMasks(session: DuckSession, tally: Tally, names: readonly string[]): Promise<readonly string[]> {
  const wanted: string[] = [];
  const sql = "SELECT concat(is_kind, ' ', mask), is_kind, mask, count(*) FROM diff WHERE changed AND NOT look GROUP BY ALL";
  for await (const groups of queryCells(session, sql)) {
    for (const [name, kind, mask, count] of groups) {
      const fields = fieldsOfColumns(markedColumns(names, mask), textOf(kind)).filter(tally.isWanted);
      if (fields.length === 0 && !tally.wantsAll) continue;
      addChanged(tally, fields, Number(count));
      wanted.push(textOf(name));
    }
  }
  return wanted;
}

/** Counts rows whose content has to be compared member by member. Gives back the ids of the first of them. */
async function lookInto(session: DuckSession, tally: Tally, names: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  const old = contentColumns.map((name) => `old_${name}`).join(", ");
  const now = contentColumns.map((name) => `new_${name}`).join(", ");
  const left = tally.limit - tally.examples.changed.length;
  const sql = `SELECT id, mask, ${old}, ${now} FROM diff WHERE look ${left > 0 ? "ORDER BY id" : ""}`;
  for await (const rows of queryCells(session, sql)) {
    for (const [id, mask, ...cells] of rows) {
      const around = fieldsOfColumns(markedColumns(names, mask));
      const inside = changedContent(contentOf(cells.slice(0, contentColumns.length)), contentOf(cells.slice(contentColumns.length)));
      const fields = [...around, ...inside].filter(tally.isWanted);
      if (fields.length === 0 && !tally.wantsAll) continue;
      addChanged(tally, fields, 1);
      if (ids.length < left) ids.push(textOf(id));
    }
  }
  return ids;
}

async function countTransitions(session: DuckSession, tally: Tally): Promise<void> {
  const followed = Object.entries(labelColumns).filter(([, field]) => tally.isWanted(field));
  if (followed.length === 0) return;
  const parts = followed.map(
    ([name, field]) =>
      `SELECT ${quoted(field)}, was_${name}::VARCHAR AS old, is_${name}::VARCHAR AS now, count(*) FROM diff WHERE changed AND old IS DISTINCT FROM now GROUP BY ALL`,
  );
  for await (const rows of queryCells(session, parts.join(" UNION ALL "))) {
    for (const [field, before, after, count] of rows) {
      const ends = { ...(typeof before === "string" ? { before } : {}), ...(typeof after === "string" ? { after } : {}) };
      addTransition(tally, { field: textOf(field), ...ends, examples: Number(count) });
    }
  }
}

/** Lists the added or the removed examples of a window, until enough are listed. */
async function list(source: WindowSource, tally: Tally, what: "added" | "removed", from: string): Promise<void> {
  const ids = await firstIds(source.session, from, tally.limit - tally.examples[what].length);
  const rows = await rowsById(source, what === "added" ? "after" : "before", ids);
  tally.examples[what].push(...rows.map((row) => rowToExample(row, row.subjects[0] === undefined ? {} : { subjectId: row.subjects[0] })));
}

/** Lists changed examples with both values of each field, until enough are listed. */
async function listChanged(
  source: WindowSource,
  { limit, examples, isWanted }: Tally,
  { masks, looked }: { readonly masks: readonly string[]; readonly looked: readonly string[] },
): Promise<void> {
  const left = limit - examples.changed.length;
  const marked = `concat(is_kind, ' ', mask) IN (${masks.map(quoted).join(", ")})`;
  const counted = masks.length === 0 ? [] : await firstIds(source.session, `diff WHERE changed AND NOT look AND ${marked}`, left);
  const ids = [...counted, ...looked].sort(compareKeys).slice(0, Math.max(0, left));
  const before = new Map((await rowsById(source, "before", ids)).map((row) => [row.id, row]));
  for (const row of await rowsById(source, "after", ids)) {
    const old = before.get(row.id);
    if (old === undefined) continue;
    examples.changed.push({ id: row.id, kind: row.kind, changes: changesOfRow(old, row).filter(({ field }) => isWanted(field)) });
  }
}

async function firstIds(session: DuckSession, from: string, count: number): Promise<readonly string[]> {
  if (count <= 0) return [];
  return (await queryRows(session, `SELECT id FROM ${from} ORDER BY id LIMIT ${count}`)).map(([id]) => String(id));
}

/** Whole rows of one side in key order, out of the chunks that have them. */
async function rowsById(
  { session, sides, window }: WindowSource,
  which: "before" | "after",
  ids: readonly string[],
): Promise<readonly VersionRow[]> {
  const side = sides[which];
  const chunks = window[which].filter(({ min, max }) => ids.some((id) => compareKeys(min, id) <= 0 && compareKeys(id, max) <= 0));
  if (chunks.length === 0) return [];
  const names = side.columns.map((column) => column.name);
  const from = await windowRows(sides.objects, side, chunks, window);
  const sql = `SELECT ${names.map(identifier).join(", ")} FROM ${from} WHERE id IN (${ids.map(quoted).join(", ")}) ORDER BY id`;
  return queryVersionRows(session, names, sql);
}

function markedColumns(names: readonly string[], mask: Cell | undefined): readonly string[] {
  const marks = textOf(mask);
  return names.filter((_, index) => marks[index] === "1");
}

function textOf(cell: Cell | undefined): string {
  if (typeof cell === "string") return cell;
  throw new TypeError("the comparison gave something else than text");
}

function contentOf(cells: readonly Cell[]): Content {
  const row = Object.fromEntries(contentColumns.map((name, index) => [name, cells[index] ?? null]));
  if (!isContent(row)) throw new TypeError("a chunk holds rows of another schema");
  return rowToContent(row);
}

const knownKinds: ReadonlySet<unknown> = new Set(kinds);

/** Chunks are only ever written from rows of the pool: the kind tells whether it is such a row. */
function isContent(row: Record<string, unknown>): row is Record<string, unknown> & ContentColumns {
  return knownKinds.has(row["kind"]);
}
