import { z } from "zod";
import type { SemanticReport } from "../enhance/dedupe-semantic.ts";
import { findSemanticPairs } from "../enhance/dedupe-semantic.ts";
import { openEmbedder } from "../embed/choose.ts";
import { choiceOf, shownExampleShape } from "./example-dedupe.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** A dataset's name or id: only its members. */
  dataset: z.optional(z.string().min(1)),
  /** In the filter language. */
  where: z.optional(z.string().min(1).max(8_000)),
  /** Cosine from which on two examples are a pair. */
  threshold: z.number().gt(0, "it lies above 0 and up to 1").max(1, "it lies above 0 and up to 1").default(0.9),
  /** Pairs that are shown. */
  limit: z.int().min(0).max(1_000).default(10),
});

const shownExample = z.object(shownExampleShape);

const output: z.ZodType<SemanticReport> = z.object({
  threshold: z.number(),
  method: z.literal("scan"),
  reason: z.string(),
  embedder: z.object({ id: z.string(), version: z.string() }),
  engine: z.enum(["wasm", "typescript"]),
  read: z.int().min(0),
  unknown: z.int().min(0),
  pairs: z.object({
    count: z.int().min(0),
    first: z.array(z.object({ similarity: z.number(), first: shownExample, second: shownExample })).readonly(),
  }),
  elapsedMs: z.int().min(0),
});

/** Lists examples that mean nearly the same, for people to look at; nothing is dropped, and nothing stored. */
export const suggestDuplicates: Operation<"duplicate.suggest", z.output<typeof input>, SemanticReport, z.input<typeof input>> = {
  on: "workspace",
  name: "duplicate.suggest",
  title: "List examples that mean nearly the same, for people to look at",
  http: { method: "GET", path: "/duplicates/candidates" },
  scope: "training_data:read",
  runs: "aside",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { dataset, where, threshold, limit }, { signal, progress }) {
    const choice = await choiceOf(workspace, { dataset, where });
    const embedder = await openEmbedder(workspace.config.embedder, {
      folder: workspace.paths.root,
      environment: process.env,
      ...(signal === undefined ? {} : { signal }),
    });
    return findSemanticPairs(await workspace.storage(), {
      ...choice,
      embedder,
      threshold,
      limit,
      signal,
      progress: (at) => progress?.({ ...at, unit: "rows" }),
    });
  },
};
