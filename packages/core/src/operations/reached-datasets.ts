import { findDataset } from "../dataset/datasets.ts";
import type { Storage } from "../storage/storage.ts";

/**
 * The ids of datasets that a key or a user is limited to, from ids or names.
 *
 * @throws {@link TilthError} `dataset/not-found`.
 */
export async function idsOfDatasets(storage: Storage, idsOrNames: readonly string[]): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const idOrName of idsOrNames) ids.add((await findDataset(storage, idOrName)).id);
  return [...ids];
}
