import type { Storage } from "../storage/storage.ts";

/** What a look at the pool found. */
export interface PoolCheck {
  readonly name: string;
  readonly status: "ok" | "warning" | "problem";
  readonly message: string;
  readonly wayOut?: string;
}

const counted = ["kind", "source", "domain", "quality_tier", "review_status"] as const;

/** Recounts the pool's facets and compares them with the counters; also says what needs a hand. Cost grows with the pool. */
export async function checkPool(storage: Storage): Promise<readonly PoolCheck[]> {
  return storage.read(async ({ queries }) => {
    const wrong: string[] = [];
    for (const facet of counted) {
      const rows = await queries
        .selectFrom("example")
        .select((builder) => [builder.ref(facet).as("value"), builder.fn.countAll<number>().as("count")])
        .where("lifecycle", "!=", "trashed")
        .groupBy(facet)
        .execute();
      const kept = await queries
        .selectFrom("counter")
        .select(({ fn }) => ["value", fn.sum<number>("count").as("count")])
        .where("facet", "=", facet)
        .groupBy("value")
        .execute();
      const keptCounts = new Map(kept.filter((counter) => counter.count !== 0).map((counter) => [counter.value, counter.count]));
      const same = rows.length === keptCounts.size && rows.every((row) => keptCounts.get(String(row.value)) === row.count);
      if (!same) wrong.push(facet);
    }
    const errors = await queries
      .selectFrom("finding")
      .innerJoin("example", "example.n", "finding.n")
      .select(({ fn }) => fn.count<number>("finding.n").distinct().as("count"))
      .where("severity", "=", "error")
      .where("lifecycle", "!=", "trashed")
      .executeTakeFirstOrThrow();
    return [
      wrong.length === 0
        ? { name: "counters", status: "ok", message: "equal to a recount" }
        : {
            name: "counters",
            status: "problem",
            message: `differ from a recount: ${wrong.join(", ")}`,
            wayOut: "`tilth doctor --repair` corrects them; the examples themselves are sound.",
          },
      errors.count === 0
        ? { name: "examples", status: "ok", message: "none has an error" }
        : {
            name: "examples",
            status: "warning",
            message: `${errors.count} with an error cannot be exported`,
            wayOut: "tilth list --where 'severity = error'",
          },
    ];
  });
}
