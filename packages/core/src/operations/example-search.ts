import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import type { Kind } from "../schema/content.ts";
import { kinds } from "../schema/content.ts";
import type { Tier } from "../schema/example.ts";
import { tiers } from "../schema/example.ts";
import { parseFilter } from "../schema/filter.ts";
import type { SearchField, SearchHit, SearchPage, Storage } from "../storage/storage.ts";
import type { Operation, OperationContext } from "./operation.ts";

const input = z.strictObject({
  /** Words that must all occur; `"words in a row"`; `-word` must not. */
  query: z.string().max(10_000),
  /** In the filter language. */
  where: z.optional(z.string().max(8_000)),
  /** A dataset's name or id: only its members. */
  dataset: z.optional(z.string().min(1)),
  limit: z.int().min(1).max(1_000).default(20),
  cursor: z.optional(z.string()),
});

/** A hit with what a list shows beside it. */
export interface FoundExample extends Omit<SearchHit, "n"> {
  readonly kind: Kind;
  readonly domain: string;
  readonly tier: Tier;
}

export interface FoundExamples extends Omit<SearchPage, "hits"> {
  readonly hits: readonly FoundExample[];
}

const searchFields = ["input", "output", "context", "rejected", "messages", "tags"] as const satisfies readonly SearchField[];
const count = z.int().min(0);

const output: z.ZodType<FoundExamples> = z.object({
  hits: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(kinds),
        domain: z.string(),
        tier: z.enum(tiers),
        score: z.number(),
        snippet: z.object({
          field: z.enum(searchFields),
          text: z.string(),
          start: count,
          marks: z.array(z.object({ start: count, end: count })).readonly(),
          isCut: z.boolean(),
        }),
      }),
    )
    .readonly(),
  next: z.exactOptional(z.string()),
  pending: count,
});

/** Finds examples by words of their texts, best first; what lies in the trash is not found. */
export const searchExamples: Operation<"example.search", z.output<typeof input>, FoundExamples, z.input<typeof input>> = {
  on: "workspace",
  name: "example.search",
  title: "Find examples by their words",
  http: { method: "GET", path: "/examples/search" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { query, where, dataset, limit, cursor }, context) {
    const storage = await workspace.storage();
    await catchUp(storage, context);
    const { hits, ...page } = await storage.search(query, {
      limit,
      ...(where === undefined ? {} : { where: parseFilter(where, { nowMs: workspace.clock.nowMs() }) }),
      ...(dataset === undefined ? {} : { datasetId: (await findDataset(storage, dataset)).id }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    return { ...page, hits: await described(storage, hits) };
  },
};

/** The index follows the pool when it is asked: somebody who sees the progress waits until it is whole, others get what there is. */
async function catchUp(storage: Storage, { progress, signal }: OperationContext): Promise<void> {
  if (progress === undefined) return;
  let done = 0;
  for (;;) {
    const { examples, pending } = await storage.feedSearch(FEED_MS, signal === undefined ? {} : { signal });
    done += examples;
    if (pending === 0 || examples === 0) return;
    progress({ step: "indexing words", done, total: done + pending, unit: "rows" });
  }
}

const FEED_MS = 500;

/** A hit that went away since it was found is left out. */
async function described(storage: Storage, hits: readonly SearchHit[]): Promise<readonly FoundExample[]> {
  if (hits.length === 0) return [];
  const ns = hits.map(({ n }) => n);
  const rows = await storage.read(({ queries }) =>
    queries.selectFrom("example").select(["n", "kind", "domain", "quality_tier"]).where("n", "in", ns).execute(),
  );
  const byNumber = new Map(rows.map((row) => [row.n, row]));
  return hits.flatMap(({ n, ...hit }) => {
    const row = byNumber.get(n);
    return row === undefined ? [] : [{ ...hit, kind: row.kind, domain: row.domain, tier: row.quality_tier }];
  });
}
