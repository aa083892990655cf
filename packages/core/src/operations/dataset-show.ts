import { z } from "zod";
import type { DatasetSummary } from "../dataset/datasets.ts";
import { datasetSummarySchema, findDataset } from "../dataset/datasets.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({ dataset: z.string().min(1) });

/** Shows one dataset, by name or id. */
export const showDataset: Operation<"dataset.show", { readonly dataset: string }, DatasetSummary> = {
  on: "workspace",
  name: "dataset.show",
  title: "Show a dataset",
  http: { method: "GET", path: "/datasets/:dataset" },
  scope: "training_data:read",
  input,
  output: datasetSummarySchema,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace, { dataset }) => findDataset(await workspace.storage(), dataset),
};
