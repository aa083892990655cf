import { z } from "zod";
import type { SimilarExamples } from "../insight/freshness-similar.ts";
import { similarExamples } from "../insight/freshness-similar.ts";
import { basisShape, neighbourSchema } from "./freshness-shapes.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  id: z.string().min(4, "at least four characters of the id").max(64),
  /** A dataset's name or id: only its members. */
  dataset: z.optional(z.string().min(1)),
  type: z.optional(z.string().min(1)),
  limit: z.int().min(1).max(1_000).default(10),
});

const output: z.ZodType<SimilarExamples> = z.object({
  ...basisShape,
  id: z.string(),
  type: z.exactOptional(z.string()),
  text: z.string(),
  neighbours: z.array(neighbourSchema).readonly(),
});

/** Finds the examples that are most like one. */
export const findSimilar: Operation<"example.similar", z.output<typeof input>, SimilarExamples, z.input<typeof input>> = {
  on: "workspace",
  name: "example.similar",
  title: "Find the examples most like one",
  http: { method: "GET", path: "/examples/:id/similar" },
  scope: "training_data:read",
  runs: "aside",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace, options, context) => similarExamples(workspace, options, context),
};
