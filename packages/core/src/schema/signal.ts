import { z } from "zod";
import type { JsonObject } from "./json.ts";

export const signalKinds = [
  "feedback",
  "correction",
  "preference",
  "escalation",
  "engagement",
  "observation",
  "query",
  "evaluation",
  "use",
] as const;
export type SignalKind = (typeof signalKinds)[number];

export const signalActions = ["positive", "negative", "like", "x", "bookmark", "share", "shown"] as const;
export type SignalAction = (typeof signalActions)[number];

/** What somebody did with an output. Append-only, never edited. */
export interface Signal {
  /** Idempotency key: sent twice, stored once. */
  readonly id: string;
  readonly kind: SignalKind;
  /** `itemId` names one item of an extraction; a query has no target. */
  readonly target?: { readonly exampleId: string; readonly itemId?: string };
  readonly action?: SignalAction;
  /** A rating, a score, a count. */
  readonly value?: number;
  /** The corrected or preferred answer, or the larger model's. */
  readonly text?: string;
  readonly reason?: string;
  /** Pseudonym of who did it; `shown` needs one. */
  readonly actor?: string;
  /** ISO 8601. */
  readonly at: string;
  readonly traceId?: string;
  readonly experimentId?: string;
  readonly arm?: string;
  readonly payload?: JsonObject;
}

const word = z.string().max(1_000);
const payload: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export const signalSchema: z.ZodType<Signal> = z.strictObject({
  id: word.min(1),
  kind: z.enum(signalKinds),
  target: z.exactOptional(z.strictObject({ exampleId: word, itemId: z.exactOptional(word) })),
  action: z.exactOptional(z.enum(signalActions)),
  value: z.exactOptional(z.number()),
  text: z.exactOptional(z.string()),
  reason: z.exactOptional(z.string()),
  actor: z.exactOptional(word),
  at: z.iso.datetime({ offset: true }),
  traceId: z.exactOptional(word),
  experimentId: z.exactOptional(word),
  arm: z.exactOptional(word),
  payload: z.exactOptional(payload),
});
