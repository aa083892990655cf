import { z } from "zod";
import type { FreshnessReport } from "../insight/freshness-check.ts";
import { checkFreshness as check } from "../insight/freshness-check.ts";
import { basisShape, neighbourSchema } from "./freshness-shapes.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** A dataset's name or id: its members, compared with each other; absent = the whole pool. */
  dataset: z.optional(z.string().min(1)),
  /** Examples of this type alone. */
  type: z.optional(z.string().min(1)),
  /** How many of those below their threshold are told, worst first. */
  limit: z.int().min(0).max(1_000).default(20),
  /** Ask only whether each is fresh; absent = where there are more than 100,000. */
  decide: z.optional(z.boolean()),
});

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const counts = {
  samples: count,
  fresh: count,
  below: count,
  withoutWords: count,
  share: z.exactOptional(share),
  mean: z.exactOptional(share),
} as const;

const output: z.ZodType<FreshnessReport> = z.object({
  ...basisShape,
  method: z.enum(["exact", "decision"]),
  ...counts,
  goal: share,
  isGoalMet: z.boolean(),
  minThreshold: z.exactOptional(share),
  types: z
    .array(
      z.object({
        type: z.exactOptional(z.string()),
        file: z.exactOptional(z.string()),
        ...counts,
        threshold: share,
        quantile: z.exactOptional(share),
      }),
    )
    .readonly(),
  stale: z
    .array(
      z.object({
        id: z.string(),
        type: z.exactOptional(z.string()),
        freshness: share,
        threshold: share,
        text: z.string(),
        witness: neighbourSchema,
      }),
    )
    .readonly(),
  trend: z.array(z.object({ day: z.string(), share })).readonly(),
  warnings: z.array(z.string()).readonly(),
  nextCheck: z.exactOptional(z.string()),
});

/** Checks how fresh every example is among the others of its type, and keeps what it found. */
export const checkFreshness: Operation<"freshness.check", z.output<typeof input>, FreshnessReport, z.input<typeof input>> = {
  on: "workspace",
  name: "freshness.check",
  title: "Check how fresh the examples are",
  http: { method: "POST", path: "/freshness/check" },
  scope: "training_data:write",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  run: async (workspace, options, context) => check(workspace, { ...options, actor: context.actor }, context),
};
