import type { Objects } from "../objects/objects.ts";
import type { Manifest, RefEntry } from "../schema/manifest.ts";
import type { Storage } from "../storage/storage.ts";
import { findDataset } from "./datasets.ts";
import { readManifest } from "./manifest.ts";
import type { Reference } from "./refs.ts";
import { parseReference, printReference, resolveVersion } from "./refs.ts";

/** A version somebody named, or the uncommitted members of a dataset. */
export type Located =
  | { readonly kind: "version"; readonly dataset: string; readonly entry: RefEntry; readonly manifest: Manifest }
  | { readonly kind: "pool"; readonly dataset: string };

/** The reference that finds it again: `support@1.2`, `support@trial:1.2`, `support@pool`. */
export function nameOf(located: Located): string {
  if (located.kind === "pool") return `${located.dataset}@pool`;
  const { branch, label } = located.manifest;
  return printReference({ dataset: located.dataset, branch, version: { kind: "label", label } });
}

/**
 * Finds what a reference such as `Support chats@1.2` means: the dataset by name or id, then the version.
 *
 * @throws TilthError `input/invalid`, `dataset/not-found`, `version/not-found`, `version/ambiguous`, `version/damaged`.
 */
export async function locate(storage: Storage, objects: Objects, text: string): Promise<Located> {
  const written = parseReference(text);
  const dataset = (await findDataset(storage, written.dataset)).id;
  if (written.version.kind === "pool") return { kind: "pool", dataset };
  return locateVersion(objects, { ...written, dataset });
}

/** The version of a reference whose dataset is an id. */
async function locateVersion(objects: Objects, reference: Reference): Promise<Located> {
  const entry = await resolveVersion(objects, reference);
  return { kind: "version", dataset: reference.dataset, entry, manifest: await readManifest(objects, entry.manifest) };
}
