import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { readManifest } from "../dataset/manifest.ts";
import { listVersions as readVersions, mainBranch } from "../dataset/refs.ts";
import type { Operation } from "./operation.ts";
import type { VersionSummary } from "./version-summary.ts";
import { summarizeVersion, versionSummaryShape } from "./version-summary.ts";

export interface ListedVersions {
  readonly dataset: string;
  /** Of the dataset: a new version is made for the one that was seen. */
  readonly rev: number;
  readonly versions: readonly VersionSummary[];
}

const input = z.strictObject({ dataset: z.string().min(1) });
const output: z.ZodType<ListedVersions> = z.object({
  dataset: z.string(),
  rev: z.int().min(0),
  versions: z.array(z.object(versionSummaryShape)).readonly(),
});

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
    const objects = await workspace.objects();
    const versions: VersionSummary[] = [];
    for await (const entry of readVersions(objects, { dataset: dataset.id, branch: mainBranch }, workspace.clock)) {
      versions.push(summarizeVersion(entry, await readManifest(objects, entry.manifest)));
    }
    return { dataset: dataset.id, rev: dataset.rev, versions };
  },
};
