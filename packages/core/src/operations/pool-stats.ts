import { z } from "zod";
import type { PoolStats } from "../insight/stats.ts";
import { poolStats as readPoolStats } from "../insight/stats.ts";
import type { Operation } from "./operation.ts";

const output: z.ZodType<PoolStats> = z.object({
  examples: z.int(),
  facets: z.record(z.string(), z.record(z.string(), z.int())),
  datasets: z.array(
    z.object({ id: z.string(), name: z.string(), members: z.int(), versions: z.int(), latest: z.exactOptional(z.string()) }),
  ),
  imports: z.int(),
});

const input = z.strictObject({});

/** Counts what the pool holds, by every facet. */
export const poolStats: Operation<"pool.stats", object, PoolStats> = {
  on: "workspace",
  name: "pool.stats",
  title: "Count what the pool holds",
  http: { method: "GET", path: "/stats" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace) => readPoolStats(await workspace.storage()),
};
