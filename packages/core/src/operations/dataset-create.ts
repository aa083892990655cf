import { z } from "zod";
import type { DatasetSummary } from "../dataset/datasets.ts";
import { createDataset as makeDataset, datasetSummarySchema } from "../dataset/datasets.ts";
import { parseFilter } from "../schema/filter.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  name: z.string().trim().min(1).max(200),
  description: z.string().max(10_000).default(""),
  from: z.enum(["members", "pool"]).default("members"),
  /** In the filter language. */
  where: z.optional(z.string().max(8_000)),
});

/** Makes a dataset: a name and a recipe. */
export const createDataset: Operation<"dataset.create", z.output<typeof input>, DatasetSummary, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.create",
  title: "Make a dataset",
  http: { method: "POST", path: "/datasets" },
  scope: "training_data:write",
  input,
  output: datasetSummarySchema,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(workspace, { name, description, from, where }, { actor }) {
    if (where !== undefined) parseFilter(where, { nowMs: workspace.clock.nowMs() }); // refuses what could never be committed
    const recipe = { format: 1 as const, from, ...(where === undefined ? {} : { where }) };
    return makeDataset(await workspace.storage(), { name, description, recipe, actor, clock: workspace.clock });
  },
};
