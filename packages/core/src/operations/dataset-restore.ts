import { z } from "zod";
import type { DatasetSummary } from "../dataset/datasets.ts";
import { datasetSummarySchema } from "../dataset/datasets.ts";
import { restoreDataset as bringBack } from "../dataset/delete.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** Name or id of a dataset in the trash. */
  dataset: z.string().min(1),
});

/** Brings a dataset back from the trash with its members and versions. */
export const restoreDataset: Operation<"dataset.restore", { readonly dataset: string }, DatasetSummary> = {
  on: "workspace",
  name: "dataset.restore",
  title: "Bring a dataset back from the trash",
  http: { method: "POST", path: "/datasets/:dataset/restore" },
  scope: "training_data:delete",
  input,
  output: datasetSummarySchema,
  body: "none",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  run: async (workspace, { dataset }) =>
    bringBack({ storage: await workspace.storage(), folder: workspace.paths.trash, clock: workspace.clock }, dataset),
};
