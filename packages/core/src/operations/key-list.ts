import { z } from "zod";
import type { KeySummary } from "../access/keys.ts";
import { keySummaryShape, listKeys as readKeys } from "../access/keys.ts";
import type { Operation } from "./operation.ts";

export interface ListedKeys {
  /** Newest first, also those that are revoked or have expired. */
  readonly keys: readonly KeySummary[];
}

const input = z.strictObject({});
const output: z.ZodType<ListedKeys> = z.object({ keys: z.array(z.object(keySummaryShape)).readonly() });

/** Lists API keys without their secrets. */
export const listKeys: Operation<"key.list", object, ListedKeys> = {
  on: "workspace",
  name: "key.list",
  title: "List API keys, without their secrets",
  http: { method: "GET", path: "/keys" },
  scope: "training_data:admin",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace) => ({ keys: await readKeys(await workspace.storage()) }),
};
