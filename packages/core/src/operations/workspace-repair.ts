import { z } from "zod";
import type { Recount } from "../storage/storage.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({});

const output: z.ZodType<Recount> = z.object({
  counters: z.array(z.object({ facet: z.string(), value: z.string(), kept: z.number(), counted: z.number() })).readonly(),
  facets: z.array(z.string()).readonly(),
  tags: z.array(z.string()).readonly(),
  repaired: z.boolean(),
});

/** Counts again what the pool keeps twice and corrects it; no example changes. */
export const repairWorkspace: Operation<"workspace.repair", object, Recount> = {
  on: "workspace",
  name: "workspace.repair",
  title: "Count again what the pool keeps twice and correct it",
  http: { method: "POST", path: "/repair" },
  scope: "training_data:admin",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  run: async (workspace) => (await workspace.storage()).recount({ repair: true }),
};
