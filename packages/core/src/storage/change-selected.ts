import type { Filter } from "../schema/filter.ts";
import type { Lifecycle } from "../schema/example.ts";
import { findRow } from "./examples.ts";
import { filterExpression } from "./queries.ts";
import type { ChangeOptions, Queries, RowChange, Storage } from "./storage.ts";

/** Examples by name, or all that fit a filter. */
export type Selection =
  | { readonly ids: readonly string[] }
  /** `datasetId`: only its members. */
  | { readonly where: Filter; readonly datasetId?: string };

/** What a plan looks at. */
export interface SelectedRow {
  readonly n: number;
  readonly id: string;
  readonly rev: number;
  readonly lifecycle: Lifecycle;
  readonly tags: readonly string[];
}

/** Says what is to become of rows; one that is left out stays as it is. */
export type Plan = (rows: readonly SelectedRow[], queries: Queries) => Promise<readonly Pick<RowChange, "id" | "set" | "tags">[]>;

export interface ChangeSelectedOptions extends ChangeOptions {
  readonly plan: Plan;
  /** Counts and changes nothing. */
  readonly dryRun: boolean;
  readonly progress?: (at: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

export interface ChangedSelection {
  /** Examples that were named, or that fit. */
  readonly matched: number;
  /** Of those, the ones that are (or, in a dry run, would be) no longer what they were. */
  readonly changed: number;
  /** Ids of the first 20 of these. */
  readonly first: readonly string[];
}

const BATCH_ROWS = 1_000;
const FIRST_SHOWN = 20;
const MOST_TRIES = 5;

/**
 * Changes many examples in batches, each acknowledged before the next is read: whatever stops it, what was done is done and the same call
 * goes on. Memory is that of one batch. Examples that enter meanwhile are left alone.
 *
 * @throws {@link TilthError} `example/not-found`, `example/ambiguous` for a named example, before anything is changed.
 */
export async function changeSelected(storage: Storage, selection: Selection, options: ChangeSelectedOptions): Promise<ChangedSelection> {
  const total = await countSelected(storage, selection);
  let matched = 0;
  let changed = 0;
  const first: string[] = [];
  for await (const rows of batches(storage, selection)) {
    options.signal?.throwIfAborted();
    const ids = await changeRows(storage, rows, options);
    matched += rows.length;
    changed += ids.length;
    first.push(...ids.slice(0, FIRST_SHOWN - first.length));
    options.progress?.({ done: matched, total: Math.max(total, matched) });
  }
  return { matched, changed, first };
}

/** How many examples a selection holds. */
export async function countSelected(storage: Storage, selection: Selection): Promise<number> {
  if ("ids" in selection) return selection.ids.length;
  return storage.read(async ({ queries }) => {
    const counted = await selected(queries, selection)
      .select(({ fn }) => fn.countAll<number>().as("rows"))
      .executeTakeFirstOrThrow();
    return Number(counted.rows);
  });
}

/** Gives the ids of what changed; rows that others changed meanwhile are planned again as they are now. */
async function changeRows(storage: Storage, rows: readonly SelectedRow[], options: ChangeSelectedOptions): Promise<readonly string[]> {
  const done: string[] = [];
  let open = rows;
  for (let tries = 1; open.length > 0 && tries <= MOST_TRIES; tries++) {
    const revs = new Map(open.map(({ id, rev }) => [id, rev]));
    const planned = await storage.read(({ queries }) => options.plan(open, queries));
    if (options.dryRun) return planned.map(({ id }) => id);
    const results = await storage.change(
      planned.map((change) => ({ ...change, rev: revs.get(change.id) ?? 0 })),
      { actor: options.actor, atMs: options.atMs, op: options.op, ...(options.reason === undefined ? {} : { reason: options.reason }) },
    );
    done.push(...results.filter(({ status }) => status === "changed").map(({ id }) => id));
    const stale = results.filter(({ status }) => status === "stale").map(({ id }) => id);
    open = stale.length === 0 ? [] : await storage.read(({ queries }) => readRows(queries, stale));
  }
  return done;
}

async function* batches(storage: Storage, selection: Selection): AsyncIterable<readonly SelectedRow[]> {
  if ("ids" in selection) {
    const ids = await storage.read(({ queries }) => resolved(queries, selection.ids));
    for (let start = 0; start < ids.length; start += BATCH_ROWS) {
      yield await storage.read(({ queries }) => readRows(queries, ids.slice(start, start + BATCH_ROWS)));
    }
    return;
  }
  // By row number, so that a change that takes a row out of the filter neither skips nor repeats another.
  const last = await storage.read(({ queries }) =>
    queries
      .selectFrom("example")
      .select(({ fn }) => fn.max("n").as("n"))
      .executeTakeFirst(),
  );
  for (let after = -1; ;) {
    const rows = await storage.read(({ queries }) =>
      selected(queries, selection)
        .select(["n", "id", "rev", "lifecycle", "tags"])
        .where("n", ">", after)
        .where("n", "<=", Number(last?.n ?? 0))
        .orderBy("n")
        .limit(BATCH_ROWS)
        .execute(),
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows.map(rowOf);
    after = end.n;
  }
}

function selected(queries: Queries, { where, datasetId }: Extract<Selection, { readonly where: Filter }>) {
  const query = queries.selectFrom("example").where((builder) => filterExpression(builder, where));
  if (datasetId === undefined) return query;
  return query.where("n", "in", (from) => from.selectFrom("member").select("member.n").where("dataset_id", "=", datasetId));
}

/** Whole ids of examples named by a part or by the id of a skipped duplicate, each once. */
async function resolved(queries: Queries, names: readonly string[]): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const name of names) ids.add((await findRow(queries, name)).id);
  return [...ids];
}

async function readRows(queries: Queries, ids: readonly string[]): Promise<readonly SelectedRow[]> {
  const rows = await queries.selectFrom("example").select(["n", "id", "rev", "lifecycle", "tags"]).where("id", "in", ids).execute();
  const byId = new Map(rows.map((row) => [row.id, rowOf(row)]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

function rowOf(row: {
  readonly n: number;
  readonly id: string;
  readonly rev: number;
  readonly lifecycle: Lifecycle;
  readonly tags: string;
}): SelectedRow {
  const tags: readonly string[] = JSON.parse(row.tags);
  return { n: row.n, id: row.id, rev: row.rev, lifecycle: row.lifecycle, tags };
}
