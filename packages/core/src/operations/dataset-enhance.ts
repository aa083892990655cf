import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { dedupe } from "../enhance/dedupe.ts";
import { DEFAULT_THRESHOLD } from "../similarity/near.ts";
import type { Operation } from "./operation.ts";

const strategies = ["content", "input", "near"] as const;

const input = z.strictObject({
  /** A dataset's name or id. */
  dataset: z.string().min(1),
  /** Only tells what would be done. */
  dryRun: z.boolean().default(true),
  strategy: z.enum(strategies).default("near"),
  /** Of `near` alone: from which likeness on two texts repeat each other. */
  threshold: z.optional(z.number().gt(0, "it lies above 0 and up to 1").max(1, "it lies above 0 and up to 1")),
});

const count = z.int().min(0);

const output = z.object({
  dataset: z.string(),
  dryRun: z.boolean(),
  /** Examples before and after. */
  before: count,
  after: count,
  steps: z
    .array(
      z.object({
        step: z.literal("duplicates"),
        /** Marked as repeating a better one, which is kept; nothing is deleted. */
        dropped: count,
        /** Of these, word by word. */
        copies: count,
        /** Inputs that are answered in different ways: kept, for people to decide. */
        conflicts: count,
        method: z.string(),
        /** Names the marks, for taking them away again; absent where nothing was marked. */
        run: z.exactOptional(z.string()),
      }),
    )
    .readonly(),
  /** What an enhancement is to do as well and this Tilth cannot yet. */
  missing: z.array(z.enum(["text-cleaning", "confidence-correction", "class-balancing", "metadata-enrichment"])).readonly(),
});

/** What an enhancement did, or would do, step by step. */
export type EnhancedDataset = z.output<typeof output>;

/** Improves a dataset: what repeats a better example is marked. Says what it would do, unless told to do it. */
export const enhanceDataset: Operation<"dataset.enhance", z.output<typeof input>, EnhancedDataset, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.enhance",
  title: "Improve a dataset, or say what would be done",
  http: { method: "POST", path: "/datasets/:dataset/enhance" },
  scope: "training_data:write",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { dataset, dryRun, strategy, threshold = DEFAULT_THRESHOLD }, { actor, signal, progress }) {
    const storage = await workspace.storage();
    const { id } = await findDataset(storage, dataset);
    const found = await dedupe(storage, {
      datasetId: id,
      strategy,
      threshold: strategy === "near" ? threshold : 1,
      limit: 0,
      effect: dryRun ? "nothing" : "marked",
      runId: workspace.newId(),
      actor,
      atMs: workspace.clock.nowMs(),
      signal,
      progress: (at) => progress?.({ ...at, unit: "rows" }),
    });
    const { dropped, copies, conflicts, method, run } = found;
    return {
      dataset: id,
      dryRun,
      before: found.read,
      after: found.kept,
      steps: [{ step: "duplicates", dropped, copies, conflicts: conflicts.inputs, method, ...(run === undefined ? {} : { run: run.id }) }],
      missing: ["text-cleaning", "confidence-correction", "class-balancing", "metadata-enrichment"],
    };
  },
};
