import type { Storage } from "../storage/storage.ts";

/** Counts of a pool, one map a facet, most frequent first. Rows in the trash count in `lifecycle` alone. */
export interface PoolStats {
  readonly examples: number;
  readonly facets: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly datasets: readonly {
    readonly id: string;
    readonly name: string;
    readonly members: number;
    readonly versions: number;
    readonly latest?: string;
  }[];
  readonly imports: number;
}

/** Facets a person looks at first, in this order. */
const shown = [
  "kind",
  "source_kind",
  "source",
  "domain",
  "type",
  "topic",
  "project",
  "language",
  "quality_tier",
  "relevance",
  "review_status",
  "lifecycle",
  "severity",
  "rule",
  "tag",
  "signal",
] as const;

/** Reads the counters the writer keeps: the cost does not grow with the pool. */
export async function poolStats(storage: Storage): Promise<PoolStats> {
  return storage.readAside(async ({ queries }) => {
    const [counters, datasets, members, versions, imports] = await Promise.all([
      queries
        .selectFrom("counter")
        .select(({ fn }) => ["facet", "value", fn.sum<number>("count").as("count")])
        .groupBy(["facet", "value"])
        .execute(),
      queries.selectFrom("dataset").select(["id", "name"]).where("lifecycle", "=", "active").orderBy("name").execute(),
      queries.selectFrom("member_count").selectAll().execute(),
      queries.selectFrom("version").select(["dataset_id", "seq", "label"]).where("branch", "=", "main").orderBy("seq", "desc").execute(),
      queries
        .selectFrom("import")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow(),
    ]);
    const facets = Object.fromEntries(shown.map((facet) => [facet, countsOf(counters.filter((counter) => counter.facet === facet))]));
    return {
      examples: Object.values(facets["kind"] ?? {}).reduce((sum, count) => sum + count, 0),
      facets,
      datasets: datasets.map(({ id, name }) => {
        const own = versions.filter((version) => version.dataset_id === id);
        const latest = own[0]?.label;
        return {
          id,
          name,
          members: members.find((member) => member.dataset_id === id)?.members ?? 0,
          versions: own.length,
          ...(latest === undefined ? {} : { latest }),
        };
      }),
      imports: imports.count,
    };
  });
}

function countsOf(counters: readonly { readonly value: string; readonly count: number }[]): Readonly<Record<string, number>> {
  const sorted = counters.filter((counter) => counter.count > 0).sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return Object.fromEntries(sorted.map((counter) => [counter.value, counter.count]));
}
