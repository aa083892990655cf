import type { ComparisonRow } from "../similarity/comparison-text.ts";
import { comparisonColumns, comparisonTextOfRow } from "../similarity/comparison-text.ts";
import type { Queries, Storage } from "../storage/storage.ts";

/** Whose examples are compared: the whole pool's, or the members of one dataset. */
export interface FreshnessScope {
  readonly datasetId?: string | undefined;
}

/** An active example as freshness sees it. */
export interface PoolText {
  readonly id: string;
  /** `undefined` where it has none; such an example is compared with all types. */
  readonly type: string | undefined;
  readonly groupKey: string;
  readonly text: string;
  readonly createdAtMs: number;
}

/** Where a change log stood: `last` is the example of its last entry, and tells one history from another. */
export interface LogPosition {
  readonly seq: number;
  readonly last: string;
}

const PAGE_ROWS = 1_000;
const SHOWN_CHARACTERS = 200;
/** Larger groups are batches or whole logs, not versions of one example. */
const MOST_VERSIONS = 200;

const columns = ["n", "id", "type", "group_key", "created_at", ...comparisonColumns] as const;

/** All active examples in pages, oldest first; what is written meanwhile may be met or not. */
export async function* activeTexts(
  storage: Storage,
  { datasetId, type }: FreshnessScope & { readonly type?: string | undefined },
): AsyncGenerator<readonly PoolText[]> {
  for (let after = 0; ;) {
    const { rows, last } = await storage.read(async ({ queries }) => {
      const ns = await pageNumbers(queries, datasetId, after);
      if (ns.length === 0) return { rows: [], last: undefined };
      let query = queries.selectFrom("example").select(columns).where("lifecycle", "=", "active").where("n", "in", ns).orderBy("n");
      if (type !== undefined) query = query.where("type", "=", type);
      return { rows: await query.execute(), last: ns.at(-1) };
    });
    if (last === undefined) return;
    after = last;
    if (rows.length > 0) yield rows.map(poolText);
  }
}

/** How many active examples there are. */
export async function countActive(
  storage: Storage,
  { datasetId, type }: FreshnessScope & { readonly type?: string | undefined },
): Promise<number> {
  return storage.read(async ({ queries }) => {
    let query = queries.selectFrom("example").where("lifecycle", "=", "active");
    if (type !== undefined) query = query.where("type", "=", type);
    if (datasetId !== undefined)
      query = query.where("n", "in", queries.selectFrom("member").select("n").where("dataset_id", "=", datasetId));
    return (await query.select(({ fn }) => fn.countAll<number>().as("count")).executeTakeFirstOrThrow()).count;
  });
}

/** Those of the ids that lead to an active example of the scope. */
export async function textsOfIds(storage: Storage, { datasetId }: FreshnessScope, ids: readonly string[]): Promise<readonly PoolText[]> {
  return storage.read(async ({ queries }) => {
    const rows = await queries.selectFrom("example").select(columns).where("id", "in", ids).where("lifecycle", "=", "active").execute();
    if (datasetId === undefined) return rows.map(poolText);
    const ns = rows.map(({ n }) => n);
    const members = await queries.selectFrom("member").select("n").where("dataset_id", "=", datasetId).where("n", "in", ns).execute();
    const inside = new Set(members.map(({ n }) => n));
    return rows.filter(({ n }) => inside.has(n)).map(poolText);
  });
}

/** The beginnings of texts by id, for showing. */
export async function textStarts(
  storage: Storage,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly text: string; readonly type: string | undefined }>> {
  const starts = new Map<string, { text: string; type: string | undefined }>();
  for (let at = 0; at < ids.length; at += PAGE_ROWS) {
    const found = await storage.read(({ queries }) =>
      queries
        .selectFrom("example")
        .select(columns)
        .where("id", "in", ids.slice(at, at + PAGE_ROWS))
        .execute(),
    );
    for (const row of found) starts.set(row.id, { text: startOf(comparisonTextOfRow(row)), type: row.type ?? undefined });
  }
  return starts;
}

/** Where the change log ends. */
export async function logEnd(storage: Storage): Promise<LogPosition> {
  return storage.read(async ({ queries, seq }) => ({ seq, last: (await entryAt(queries, seq)) ?? "" }));
}

/**
 * What changed since a position, each id once; `undefined` where the log does not lead on from there: it was cut off, or the pool was put
 * back to an earlier state.
 */
export async function changedSince(
  storage: Storage,
  { seq: since, last }: LogPosition,
): Promise<{ readonly ids: readonly string[]; readonly end: LogPosition } | undefined> {
  return storage.read(async ({ queries, seq }) => {
    if (since > seq || (since > 0 && (await entryAt(queries, since)) !== last)) return undefined;
    const changed = await queries
      .selectFrom("change_log")
      .select("id")
      .distinct()
      .where("seq", ">", since)
      .where("seq", "<=", seq)
      .execute();
    return { ids: changed.map(({ id }) => id), end: { seq, last: (await entryAt(queries, seq)) ?? "" } };
  });
}

/** Finds the other versions of examples: those of the same group, be it by a parent or by a conversation. */
export interface Versions {
  /** Group keys met so far that are no groups: too many examples carry them. */
  readonly tooLarge: ReadonlySet<string>;
  /** For each of these examples, itself and its other versions. */
  of(examples: readonly Grouped[]): Promise<(example: Grouped) => readonly string[]>;
}

type Grouped = Pick<PoolText, "id" | "groupKey">;

export function createVersions(storage: Storage): Versions {
  const tooLarge = new Set<string>();
  const membersOf = async (keys: readonly string[]): Promise<readonly { readonly id: string; readonly group_key: string }[]> => {
    if (keys.length === 0) return [];
    return storage.read(async ({ queries }) => {
      const grouped = queries.selectFrom("example").where("group_key", "in", keys).whereRef("group_key", "<>", "id");
      const large = await grouped
        .select("group_key")
        .groupBy("group_key")
        .having(({ fn }) => fn.countAll<number>(), ">", MOST_VERSIONS)
        .execute();
      for (const row of large) tooLarge.add(row.group_key);
      return grouped
        .select(["id", "group_key"])
        .where("group_key", "not in", [...tooLarge])
        .execute();
    });
  };
  return {
    tooLarge,
    async of(examples) {
      const keys = new Set(examples.map(({ groupKey }) => groupKey)).difference(tooLarge);
      const byGroup = Map.groupBy(await membersOf([...keys]), (row) => row.group_key);
      return ({ id, groupKey }) => {
        const others = byGroup.get(groupKey) ?? [];
        // The root's own id is the key of its group.
        return tooLarge.has(groupKey) ? [id] : [id, groupKey, ...others.map((row) => row.id)];
      };
    },
  };
}

/** Pages are cut by number alone, so that none is read twice however few rows of it fit. */
async function pageNumbers(queries: Queries, datasetId: string | undefined, after: number): Promise<readonly number[]> {
  const numbers =
    datasetId === undefined
      ? await queries.selectFrom("example").select("n").where("n", ">", after).orderBy("n").limit(PAGE_ROWS).execute()
      : await queries
          .selectFrom("member")
          .select("n")
          .where("dataset_id", "=", datasetId)
          .where("n", ">", after)
          .orderBy("n")
          .limit(PAGE_ROWS)
          .execute();
  return numbers.map(({ n }) => n);
}

async function entryAt(queries: Queries, seq: number): Promise<string | undefined> {
  return (await queries.selectFrom("change_log").select("id").where("seq", "=", seq).executeTakeFirst())?.id;
}

type Row = ComparisonRow & {
  readonly id: string;
  readonly type: string | null;
  readonly group_key: string;
  readonly created_at: number;
};

function poolText(row: Row): PoolText {
  const { id, type, group_key: groupKey, created_at: createdAtMs } = row;
  return { id, type: type ?? undefined, groupKey, text: comparisonTextOfRow(row), createdAtMs };
}

/** Cut between characters. */
function startOf(text: string): string {
  const characters = Array.from(text.slice(0, 2 * SHOWN_CHARACTERS));
  return characters.length <= SHOWN_CHARACTERS ? characters.join("") : `${characters.slice(0, SHOWN_CHARACTERS - 1).join("")}…`;
}
