import { z } from "zod";
import type { ThresholdChange, TypeThreshold } from "../insight/freshness-thresholds.ts";
import { listThresholds as list, thresholdChangeSchema, thresholdSchema } from "../insight/freshness-thresholds.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({});

export const typeThresholdSchema: z.ZodType<TypeThreshold> = z.object({
  type: z.exactOptional(z.string()),
  threshold: thresholdSchema,
  from: z.enum(["set", "pack", "default"]),
});

/** Thresholds as they stand, and how they came to. */
export interface ListedThresholds {
  readonly thresholds: readonly TypeThreshold[];
  /** Oldest first. */
  readonly history: readonly ThresholdChange[];
}

const output: z.ZodType<ListedThresholds> = z.object({
  thresholds: z.array(typeThresholdSchema).readonly(),
  history: z.array(thresholdChangeSchema).readonly(),
});

/** Lists the freshness that each type asks for, and who changed it when. */
export const listThresholds: Operation<"threshold.list", object, ListedThresholds> = {
  on: "workspace",
  name: "threshold.list",
  title: "List the freshness that each type asks for",
  http: { method: "GET", path: "/freshness/thresholds" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace) => list(workspace),
};
