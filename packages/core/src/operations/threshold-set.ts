import { z } from "zod";
import type { TypeThreshold } from "../insight/freshness-thresholds.ts";
import { setThreshold as set, thresholdSchema } from "../insight/freshness-thresholds.ts";
import type { Operation } from "./operation.ts";
import { typeThresholdSchema } from "./threshold-list.ts";

const input = z.strictObject({
  /** Absent: examples without a type, and types without a threshold of their own. */
  type: z.optional(z.string().min(1)),
  /** A freshness, or the share of the pool's own samples that shall lie below it; absent = back to what the packs say. */
  threshold: z.optional(thresholdSchema),
});

/** Sets the freshness that a type asks for. */
export const setThreshold: Operation<"threshold.set", z.output<typeof input>, TypeThreshold, z.input<typeof input>> = {
  on: "workspace",
  name: "threshold.set",
  title: "Set the freshness that a type asks for",
  http: { method: "POST", path: "/freshness/thresholds" },
  scope: "training_data:write",
  input,
  output: typeThresholdSchema,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  run: async (workspace, { type, threshold }, { actor }) => set(workspace, { type, threshold, actor }),
};
