import { z } from "zod";
import { listDatasets as readDatasets } from "../dataset/datasets.ts";
import type { TrashedDataset } from "../dataset/delete.ts";
import { listTrash, trashedDatasetSchema } from "../dataset/delete.ts";
import type { Operation } from "./operation.ts";

export interface ListedDatasets {
  /** Only those of the trash say who deleted them and when. */
  readonly datasets: readonly TrashedDataset[];
}

const input = z.strictObject({
  /** Those in the trash instead. */
  trashed: z.boolean().default(false),
});
const output: z.ZodType<ListedDatasets> = z.object({ datasets: z.array(trashedDatasetSchema).readonly() });

/** Lists datasets by name. */
export const listDatasets: Operation<"dataset.list", z.output<typeof input>, ListedDatasets, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.list",
  title: "List datasets",
  http: { method: "GET", path: "/datasets" },
  scope: "training_data:read",
  underLimit: "filtered",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { trashed }, { datasets: reached }) {
    const storage = await workspace.storage();
    const datasets = trashed ? await listTrash({ storage, folder: workspace.paths.trash }) : await readDatasets(storage);
    return { datasets: reached === undefined ? datasets : datasets.filter(({ id }) => reached.has(id)) };
  },
};
