import { z } from "zod";
import { createDataset, listDatasets, pick } from "../dataset/datasets.ts";
import { TilthError } from "../errors.ts";
import { importShape } from "./example-import.ts";
import { begin, hasBegun } from "./job-attempt.ts";
import type { Operation } from "./operation.ts";
import type { UploadedDataset } from "./uploaded.ts";
import { uploadedDatasetSchema, uploadInto } from "./uploaded.ts";

const input = z.strictObject({
  ...importShape,
  /** Of the new dataset. */
  name: z.string().trim().min(1).max(200),
  description: z.string().max(10_000).default(""),
  /** Of its first version. */
  message: z.string().max(10_000).default(""),
});

/** Makes a new dataset of the records of a file and freezes its first version. */
export const importDataset: Operation<"dataset.import", z.output<typeof input>, UploadedDataset, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.import",
  title: "Make a dataset of the records of a file",
  http: { method: "POST", path: "/datasets/import", places: { file: "withheld" } },
  scope: "training_data:write",
  runs: "job",
  input,
  output: uploadedDatasetSchema,
  body: "stream",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(workspace, { name, description, ...given }, context) {
    const storage = await workspace.storage();
    const { actor, job } = context;
    const isResumed = await hasBegun(workspace, context);
    const found = pick(await listDatasets(storage), name);
    // An empty one is what a file that could not be read has left: the next try takes it. So does the next attempt of the job that made it.
    const isOwn = isResumed && found?.createdBy === actor && Date.parse(found.createdAt) >= (job?.createdAtMs ?? Infinity);
    if (found !== undefined && !isOwn && (found.members > 0 || found.latest !== undefined))
      throw new TilthError("dataset/exists", { name: found.name, id: found.id, hint: "Upload into it, or choose another name." });
    if (given.dryRun)
      return { ...(await uploadInto(workspace, { ...given, dataset: name }, context, { isResumed })), dataset: found?.id ?? name };
    await begin(workspace, context);
    const { id } = found ?? (await createDataset(storage, { name, description, actor, clock: workspace.clock }));
    return uploadInto(workspace, { ...given, dataset: id }, context, { isResumed });
  },
};
