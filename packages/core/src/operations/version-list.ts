import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import type { ListedVersion } from "../dataset/versions.ts";
import { listVersions as readVersions, listedVersionSchema } from "../dataset/versions.ts";
import type { Operation } from "./operation.ts";

export interface ListedVersions {
  readonly dataset: string;
  readonly versions: readonly ListedVersion[];
}

const input = z.strictObject({ dataset: z.string().min(1) });
const output: z.ZodType<ListedVersions> = z.object({ dataset: z.string(), versions: z.array(listedVersionSchema).readonly() });

/** Lists the versions of a dataset, newest first. */
export const listVersions: Operation<"version.list", { readonly dataset: string }, ListedVersions> = {
  on: "workspace",
  name: "version.list",
  title: "List the versions of a dataset",
  http: { method: "GET", path: "/datasets/:dataset/versions" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { dataset: name }) {
    const dataset = await findDataset(await workspace.storage(), name);
    return { dataset: dataset.id, versions: await readVersions(await workspace.objects(), dataset.id) };
  },
};
