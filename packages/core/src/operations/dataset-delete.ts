import { z } from "zod";
import { findDataset } from "../dataset/datasets.ts";
import { deleteDataset as moveToTrash } from "../dataset/delete.ts";
import { listVersions, mainBranch } from "../dataset/refs.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** A dataset's name or id. */
  dataset: z.string().min(1),
  /** The revision the deletion was decided for; absent = the one that is there. */
  rev: z.optional(z.int().min(0)),
  dryRun: z.boolean().default(false),
});

const count = z.int().min(0);

const output = z.object({ id: z.string(), name: z.string(), members: count, versions: count, dryRun: z.boolean() });

/** What lies in the trash now, or would. */
export type DeletedDataset = z.output<typeof output>;

/** Moves a dataset to the trash with its memberships and versions; no example goes. */
export const deleteDataset: Operation<"dataset.delete", z.output<typeof input>, DeletedDataset, z.input<typeof input>> = {
  on: "workspace",
  name: "dataset.delete",
  title: "Move a dataset to the trash",
  http: { method: "DELETE", path: "/datasets/:dataset" },
  scope: "training_data:delete",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: false,
  destructive: true,
  idempotent: true,
  async run(workspace, { dataset: name, rev, dryRun }, { actor }) {
    const storage = await workspace.storage();
    const { id, name: fullName, members } = await findDataset(storage, name);
    const versions = await Array.fromAsync(listVersions(await workspace.objects(), { dataset: id, branch: mainBranch }, workspace.clock));
    if (!dryRun)
      await moveToTrash({ storage, folder: workspace.paths.trash, clock: workspace.clock }, id, {
        actor,
        ...(rev === undefined ? {} : { rev }),
      });
    return { id, name: fullName, members, versions: versions.length, dryRun };
  },
};
