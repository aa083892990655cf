import { z } from "zod";
import type { DatasetSummary } from "../dataset/datasets.ts";
import { datasetSummarySchema, listDatasets as readDatasets } from "../dataset/datasets.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({});
const output: z.ZodType<{ readonly datasets: readonly DatasetSummary[] }> = z.object({ datasets: z.array(datasetSummarySchema).readonly() });

/** Lists datasets by name. */
export const listDatasets: Operation<"dataset.list", object, { readonly datasets: readonly DatasetSummary[] }> = {
  on: "workspace",
  name: "dataset.list",
  title: "List datasets",
  http: { method: "GET", path: "/datasets" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace) => ({ datasets: await readDatasets(await workspace.storage()) }),
};
