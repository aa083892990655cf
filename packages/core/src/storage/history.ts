import { TilthError } from "../errors.ts";
import type { Example } from "../schema/example.ts";
import { isJsonObject } from "../schema/json.ts";
import { exampleToRow, fromHex, rowToExample } from "../schema/row.ts";
import { toHex } from "../text/hash.ts";
import { findRow } from "./examples.ts";
import type { RowChange, Storage } from "./storage.ts";
import { exampleColumns } from "./tables.ts";

/** Values of columns as they were; hashes in hex, JSON columns as their text. */
export type ColumnValues = Readonly<Record<string, string | number | null>>;

/** One change of an example. */
export interface Revision {
  /** The revision that the change made. */
  readonly rev: number;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: string;
  /** The verb: `edit`, `trash`, `capture` (a later import said otherwise), `undo` … */
  readonly op: string;
  readonly reason?: string;
  /** The columns that changed, as they stood until then and from then on. */
  readonly before: ColumnValues;
  readonly after: ColumnValues;
}

/** How an example became what it is. */
export interface History {
  readonly id: string;
  readonly rev: number;
  readonly createdAt: string;
  readonly createdBy: string;
  /** Newest first. */
  readonly revisions: readonly Revision[];
}

/**
 * Reads who changed what of an example, when and why.
 *
 * @param id - Its own, that of a skipped duplicate, or the start of one.
 * @throws {@link TilthError} `example/not-found`, `example/ambiguous`.
 */
export async function readHistory(storage: Storage, id: string): Promise<History> {
  return storage.read(async ({ queries }) => {
    const row = await findRow(queries, id);
    const now = new Map(Object.entries(row).map(([column, value]) => [column, shown(value)]));
    const revisions = await queries.selectFrom("revision").selectAll().where("n", "=", row.n).orderBy("rev", "desc").execute();
    return {
      id: row.id,
      rev: row.rev,
      createdAt: new Date(row.created_at).toISOString(),
      createdBy: row.created_by,
      revisions: revisions.map(({ rev, at, actor, op, reason, before: json }) => {
        const before = parseBefore(json);
        const after = Object.fromEntries(Object.keys(before).map((column) => [column, now.get(column) ?? null]));
        for (const [column, value] of Object.entries(before)) now.set(column, value);
        return { rev, at: new Date(at).toISOString(), actor, op, ...(reason === null ? {} : { reason }), before, after };
      }),
    };
  });
}

/**
 * Says which change brings back what the last one replaced; undone twice, it stands again. The caller makes it with `change`.
 *
 * Findings and scores are not kept: where the content comes back (`set.content_hash`), the caller looks it over again. Where another
 * example has the old content by now, `change` answers `duplicate`.
 *
 * @throws {@link TilthError} `example/nothing-to-undo`, `example/not-found`, `example/ambiguous`.
 */
export async function undoOf(storage: Storage, id: string): Promise<RowChange> {
  return storage.read(async ({ queries }) => {
    const row = await findRow(queries, id);
    const last = await queries.selectFrom("revision").select("before").where("n", "=", row.n).where("rev", "=", row.rev).executeTakeFirst();
    if (last === undefined) throw new TilthError("example/nothing-to-undo", { id: row.id });
    return { id: row.id, rev: row.rev, set: setOf(parseBefore(last.before)) };
  });
}

/** The example as it is where columns have other values, such as those of a revision; what lies in other tables stays. */
export function exampleWith(example: Example, values: ColumnValues | RowChange["set"]): Example {
  const { quality, engagement, subjectId } = example;
  return rowToExample(
    { ...exampleToRow(example), ...setOf(values) },
    {
      factors: quality.factors,
      ...(engagement === undefined ? {} : { engagement }),
      ...(subjectId === undefined ? {} : { subjectId }),
    },
  );
}

function setOf(values: ColumnValues | RowChange["set"]): RowChange["set"] {
  const set = Object.fromEntries(Object.entries(values).map(([column, value]) => [column, stored(column, value)]));
  if (!isRowSet(set)) throw new TypeError("a revision holds columns of a row");
  return set;
}

const hashColumns: ReadonlySet<string> = new Set(["content_hash", "input_hash"]);
const columns: ReadonlySet<string> = new Set(exampleColumns);

function parseBefore(json: string): ColumnValues {
  const before: unknown = JSON.parse(json);
  if (!isJsonObject(before)) throw new TypeError("a revision holds columns of a row");
  return Object.fromEntries(Object.entries(before).map(([column, value]) => [column, shown(value)]));
}

function shown(value: unknown): string | number | null {
  if (value instanceof Uint8Array) return toHex(value);
  return typeof value === "string" || typeof value === "number" ? value : null;
}

function stored(column: string, value: unknown): unknown {
  return hashColumns.has(column) && typeof value === "string" ? fromHex(value) : value;
}

/** Only the writer makes revisions, of values that it found in the columns of the row. */
function isRowSet(set: Readonly<Record<string, unknown>>): set is RowChange["set"] {
  return Object.keys(set).every((column) => columns.has(column));
}
