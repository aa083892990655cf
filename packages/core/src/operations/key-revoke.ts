import { z } from "zod";
import type { KeySummary } from "../access/keys.ts";
import { keySummaryShape, revokeKey as endKey } from "../access/keys.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** Its name, its prefix or its id. */
  key: z.string().min(1).max(200),
});
const output: z.ZodType<KeySummary> = z.object(keySummaryShape);

/** Ends an API key for good. */
export const revokeKey: Operation<"key.revoke", z.output<typeof input>, KeySummary> = {
  on: "workspace",
  name: "key.revoke",
  title: "Revoke an API key for good",
  http: { method: "DELETE", path: "/keys/:key" },
  scope: "training_data:admin",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: false,
  destructive: true,
  idempotent: false,
  run: async (workspace, { key }, { actor }) => endKey(await workspace.storage(), { key, actor, nowMs: workspace.clock.nowMs() }),
};
