import type { Queries, Storage } from "./storage.ts";

/** What the numbers of the change log stand for, by number from 1. */
export const changeKinds = ["added", "changed", "deleted", "membership"] as const;

/** One change of one example. */
export interface PoolChange {
  readonly seq: number;
  readonly id: string;
  readonly change: (typeof changeKinds)[number];
}

/** Changes in the order in which they happened. */
export interface PoolChanges {
  readonly changes: readonly PoolChange[];
  /** What to go on behind: all changes up to here were looked at. */
  readonly seq: number;
  /** There are more behind. */
  readonly more: boolean;
}

export interface ChangesOptions {
  /** The `seq` to go on behind; absent: only how far the pool is. */
  readonly after?: number;
  /** A dataset's id: only changes of its members. */
  readonly datasetId?: string;
  readonly limit: number;
}

/** Reads what the change log holds behind a place; cost linear in `limit`. */
export async function readChanges(storage: Storage, { after, datasetId, limit }: ChangesOptions): Promise<PoolChanges> {
  return storage.read(async ({ queries, seq }) => {
    if (after === undefined || after >= seq) return { changes: [], seq, more: false };
    const rows = await queries.selectFrom("change_log").selectAll().where("seq", ">", after).orderBy("seq").limit(limit).execute();
    const last = rows.length < limit ? seq : (rows.at(-1)?.seq ?? seq);
    const ids =
      datasetId === undefined
        ? undefined
        : await membersAmong(
            queries,
            datasetId,
            rows.map(({ id }) => id),
          );
    const changes = rows.flatMap(({ seq: at, id, op }) => {
      const change = changeKinds[op - 1];
      return change === undefined || ids?.has(id) === false ? [] : [{ seq: at, id, change }];
    });
    return { changes, seq: last, more: last < seq };
  });
}

async function membersAmong(queries: Queries, datasetId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await queries
    .selectFrom("member")
    .innerJoin("example", "example.n", "member.n")
    .select("example.id")
    .where("member.dataset_id", "=", datasetId)
    .where("example.id", "in", [...new Set(ids)])
    .execute();
  return new Set(rows.map(({ id }) => id));
}
