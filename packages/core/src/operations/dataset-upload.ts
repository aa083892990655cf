import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { importShape } from "./example-import.ts";
import { hasBegun } from "./job-attempt.ts";
import type { Operation } from "./operation.ts";
import type { UploadedDataset } from "./uploaded.ts";
import { uploadedDatasetSchema, uploadInto } from "./uploaded.ts";

const input = z.strictObject({
  ...importShape,
  /** A dataset's name or id. */
  dataset: z.string().min(1),
  /** Of the version. */
  message: z.string().max(10_000).default(""),
});

/** Imports records into a dataset and freezes what it holds then into a version. */
export const uploadDataset: Operation<"dataset.upload", z.output<typeof input>, UploadedDataset, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.upload",
  title: "Import records into a dataset and freeze a version",
  http: { method: "POST", path: "/datasets/:dataset/upload", places: { file: "withheld" } },
  scope: "training_data:write",
  runs: "job",
  input,
  output: uploadedDatasetSchema,
  body: "stream",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, given, context) {
    const { id } = await findDataset(await workspace.storage(), given.dataset);
    return uploadInto(workspace, { ...given, dataset: id }, context, { isResumed: await hasBegun(workspace, context) });
  },
};
