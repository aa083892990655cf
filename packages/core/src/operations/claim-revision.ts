import { claimDataset, findDataset } from "../dataset/datasets.ts";
import type { Workspace } from "../workspace.ts";
import type { FolderOperation, Operation } from "./operation.ts";

/**
 * Takes the revision that a change of a dataset was decided for, before a change that is made of many steps begins: of all who were at the
 * same revision, one goes on. A change whose input has `rev` compares it itself.
 *
 * @throws {@link TilthError} `dataset/stale`, `dataset/not-found`.
 */
export async function claimRevision(
  { readOnly }: Pick<Operation | FolderOperation, "readOnly">,
  { input, rev }: { readonly input: Readonly<Record<string, unknown>>; readonly rev: number },
  workspace: Workspace,
): Promise<void> {
  const { dataset } = input;
  if (readOnly || typeof dataset !== "string") return;
  const storage = await workspace.storage();
  const { id } = await findDataset(storage, dataset);
  await claimDataset(storage, id, { rev, nowMs: workspace.clock.nowMs() });
}
