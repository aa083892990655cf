import { z } from "zod";
import { lookIntoSpool } from "../intake/spool-left.ts";
import type { Recount } from "../storage/storage.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({});

/** What was corrected, and what was brought in. */
export interface Repaired extends Recount {
  /** Captured events that had been left in the spool and are in the pool now. */
  readonly captured: number;
}

const output: z.ZodType<Repaired> = z.object({
  counters: z.array(z.object({ facet: z.string(), value: z.string(), kept: z.number(), counted: z.number() })).readonly(),
  facets: z.array(z.string()).readonly(),
  tags: z.array(z.string()).readonly(),
  repaired: z.boolean(),
  captured: z.int().min(0),
});

/** Brings in what was left in the spool, then counts again what the pool keeps twice and corrects it; no example changes. */
export const repairWorkspace: Operation<"workspace.repair", object, Repaired> = {
  on: "workspace",
  name: "workspace.repair",
  title: "Count again what the pool keeps twice and correct it",
  http: { method: "POST", path: "/repair" },
  scope: "training_data:admin",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace) {
    const { segments } = await lookIntoSpool(workspace.paths.spool);
    const { events: captured } = segments === 0 ? { events: 0 } : await (await workspace.capture()).left;
    return { ...(await (await workspace.storage()).recount({ repair: true })), captured };
  },
};
