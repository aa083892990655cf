import { z } from "zod";
import type { JsonObject } from "./json.ts";

export const verdicts = ["approve", "edit", "reject", "skip", "second-look"] as const;
export type Verdict = (typeof verdicts)[number];

export const decisionRoles = ["review", "adjudication", "calibration"] as const;
export type DecisionRole = (typeof decisionRoles)[number];

/** What one reviewer said about one example. Append-only. */
export interface Decision {
  readonly id: string;
  readonly exampleId: string;
  /** The revision that was seen. */
  readonly rev: number;
  readonly reviewer: string;
  readonly verdict: Verdict;
  readonly role: DecisionRole;
  readonly reason?: string;
  /** The content the reviewer wrote instead, with the verdict `edit`. */
  readonly edit?: JsonObject;
  readonly guideline?: string;
  readonly blind: boolean;
  readonly seconds?: number;
  /** ISO 8601. */
  readonly at: string;
}

const edit: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export const decisionSchema: z.ZodType<Decision> = z.strictObject({
  id: z.string().min(1),
  exampleId: z.string().min(1),
  rev: z.int().min(1),
  reviewer: z.string().min(1),
  verdict: z.enum(verdicts),
  role: z.enum(decisionRoles),
  reason: z.exactOptional(z.string()),
  edit: z.exactOptional(edit),
  guideline: z.exactOptional(z.string()),
  blind: z.boolean(),
  seconds: z.exactOptional(z.number().min(0)),
  at: z.iso.datetime({ offset: true }),
});
