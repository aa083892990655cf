import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import type { DedupeReport } from "../enhance/dedupe.ts";
import { dedupe } from "../enhance/dedupe.ts";
import { TilthError } from "../errors.ts";
import { kinds } from "../schema/content.ts";
import { parseFilter } from "../schema/filter.ts";
import { DEFAULT_THRESHOLD } from "../similarity/near.ts";
import type { Workspace } from "../workspace.ts";
import type { Operation } from "./operation.ts";

const strategies = ["content", "input", "near"] as const;

const input = z.strictObject({
  /** A dataset's name or id: only its members. */
  dataset: z.optional(z.string().min(1)),
  /** In the filter language. */
  where: z.optional(z.string().min(1).max(8_000)),
  strategy: z.enum(strategies).default("near"),
  /** Of `near` alone: the Jaccard similarity from which on two texts repeat each other. */
  threshold: z.optional(z.number().gt(0, "it lies above 0 and up to 1").max(1, "it lies above 0 and up to 1")),
  /** Clusters and conflicts that are shown. */
  limit: z.int().min(0).max(1_000).default(10),
  dryRun: z.boolean().default(false),
  /** Moves what is dropped to the trash instead of marking it. */
  trash: z.boolean().default(false),
});

/** As an example stands in a list of what repeats what. */
export const shownExampleShape = { id: z.string(), kind: z.enum(kinds), text: z.string() } as const;

const shownExample = z.object(shownExampleShape);
const similarity = z.number().min(0).max(1);
const count = z.int().min(0);

const output: z.ZodType<DedupeReport> = z.object({
  strategy: z.enum(strategies),
  threshold: z.number(),
  method: z.string(),
  reason: z.string(),
  kernel: z.object({ version: z.string(), engine: z.enum(["wasm", "typescript"]) }),
  shingleWords: z.exactOptional(z.int()),
  read: count,
  kept: count,
  dropped: count,
  copies: count,
  withoutWords: count,
  similarities: z.array(z.object({ from: similarity, count })).readonly(),
  clusters: z.object({
    count,
    first: z
      .array(
        z.object({
          kept: shownExample,
          weight: z.int().min(2),
          dropped: z
            .array(
              z.object({
                ...shownExampleShape,
                similarity,
                changes: z.exactOptional(z.array(z.object({ kept: z.string(), dropped: z.string() })).readonly()),
              }),
            )
            .readonly(),
        }),
      )
      .readonly(),
  }),
  conflicts: z.object({
    inputs: count,
    examples: count,
    first: z
      .array(
        z.object({
          rule: z.enum(["conflicting-label", "conflicting-answer"]),
          examples: count,
          first: z.array(shownExample).readonly(),
        }),
      )
      .readonly(),
  }),
  effect: z.enum(["nothing", "marked", "trashed"]),
  run: z.exactOptional(z.object({ id: z.string(), changed: count, replaced: count, skipped: z.array(z.string()).readonly() })),
  elapsedMs: count,
});

/** Finds examples that repeat better ones and marks them, or moves them to the trash; each has a witness that is kept. */
export const dedupeExamples: Operation<"example.dedupe", z.output<typeof input>, DedupeReport, z.input<typeof input>> = {
  on: "workspace",
  name: "example.dedupe",
  title: "Find examples that repeat better ones, and mark or trash them",
  http: { method: "POST", path: "/examples/dedupe" },
  scope: "training_data:delete",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: true,
  idempotent: true,
  async run(workspace, { dataset, where, strategy, threshold, limit, dryRun, trash }, { actor, signal, progress }) {
    if (threshold !== undefined && strategy !== "near")
      throw new TilthError("input/invalid", { where: "threshold", problem: `the strategy ${strategy} compares whole texts and has none` });
    return dedupe(await workspace.storage(), {
      ...(await choiceOf(workspace, { dataset, where })),
      strategy,
      threshold: strategy === "near" ? (threshold ?? DEFAULT_THRESHOLD) : 1,
      limit,
      effect: dryRun ? "nothing" : trash ? "trashed" : "marked",
      runId: workspace.newId(),
      actor,
      atMs: workspace.clock.nowMs(),
      signal,
      progress: (at) => progress?.({ ...at, unit: "rows" }),
    });
  },
};

/**
 * The examples that a search for duplicates compares.
 *
 * @throws {@link TilthError} `dataset/not-found`, `filter/…`.
 */
export async function choiceOf(
  workspace: Workspace,
  { dataset, where }: { readonly dataset: string | undefined; readonly where: string | undefined },
) {
  return {
    ...(where === undefined ? {} : { where: parseFilter(where, { nowMs: workspace.clock.nowMs() }) }),
    ...(dataset === undefined ? {} : { datasetId: (await findDataset(await workspace.storage(), dataset)).id }),
  };
}
