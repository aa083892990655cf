import { z } from "zod";
import type { DatasetSummary } from "../dataset/datasets.ts";
import { datasetSummaryShape, findDataset } from "../dataset/datasets.ts";
import { readManifest } from "../dataset/manifest.ts";
import { headOf, mainBranch } from "../dataset/refs.ts";
import type { Operation } from "./operation.ts";
import type { VersionDetails } from "./version-details.ts";
import { detailVersion, versionDetailsSchema } from "./version-details.ts";

/** A dataset with its newest version. */
export interface ShownDataset extends DatasetSummary {
  /** Absent where nothing was committed. */
  readonly newest?: VersionDetails;
}

const input = z.strictObject({ dataset: z.string().min(1) });
const output: z.ZodType<ShownDataset> = z.object({ ...datasetSummaryShape, newest: z.exactOptional(versionDetailsSchema) });

/** Shows one dataset, by name or id. */
export const showDataset: Operation<"dataset.show", { readonly dataset: string }, ShownDataset> = {
  on: "workspace",
  name: "dataset.show",
  title: "Show a dataset",
  http: { method: "GET", path: "/datasets/:dataset" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { dataset }) {
    const found = await findDataset(await workspace.storage(), dataset);
    const objects = await workspace.objects();
    const head = await headOf(objects, { dataset: found.id, branch: mainBranch }, workspace.clock);
    return head === undefined
      ? found
      : { ...found, newest: await detailVersion(objects, head, await readManifest(objects, head.manifest)) };
  },
};
