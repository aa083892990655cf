import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TilthError } from "../errors.ts";
import type { Objects } from "../objects/objects.ts";
import { objectKey } from "../objects/objects.ts";
import type { Chunk, RefEntry } from "../schema/manifest.ts";
import { sha256File, sha256Hex } from "../text/hash.ts";
import { readChunks, readManifest } from "./manifest.ts";
import { makeWholeFolder } from "./whole-folder.ts";

export interface CheckoutOptions {
  readonly objects: Objects;
  readonly entry: RefEntry;
  /** Where the files go; it may be missing or empty. */
  readonly folder: string;
  readonly progress?: (state: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

export interface CheckedOut {
  readonly folder: string;
  /** Parquet files in key order, without the folder. */
  readonly files: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  /** False when the folder held this checkout already. */
  readonly created: boolean;
}

/** Lies beside the files. */
export const checkoutManifest = "manifest.json";

/**
 * Writes the rows of a version as plain Parquet files with the manifest beside them, for tools without Tilth.
 *
 * The folder appears at once and complete, or not at all. Doing it again gives the same bytes. The pool and the store stay as they are.
 *
 * @throws TilthError `dataset/target-not-empty` unless the folder holds the same checkout; `version/damaged`, `storage/object-missing`
 */
export async function checkoutVersion(options: CheckoutOptions): Promise<CheckedOut> {
  const { objects, entry } = options;
  const folder = resolve(options.folder);
  const manifest = await readManifest(objects, entry.manifest);
  const chunks = await readChunks(objects, manifest);
  const names = chunks.map((_, index) => fileName(index, chunks.length));
  const result = { folder, files: names, rows: manifest.rows, bytes: chunks.reduce((sum, chunk) => sum + chunk.bytes, 0) };
  const created = await makeWholeFolder(folder, {
    holdsSame: (there) => holdsSame(folder, there, { manifest: entry.manifest, chunks, names }),
    async fill(draft) {
      for (const [index, chunk] of chunks.entries()) {
        options.signal?.throwIfAborted();
        await copyChunk(objects, chunk, join(draft, fileName(index, chunks.length)));
        options.progress?.({ done: index + 1, total: chunks.length });
      }
      await writeFile(join(draft, checkoutManifest), await objects.get(objectKey(entry.manifest, "json")));
    },
  });
  return { ...result, created };
}

function fileName(index: number, count: number): string {
  return `data-${String(index).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.parquet`;
}

/** What was copied is compared with what was meant, so that damage is not handed on. */
async function copyChunk(objects: Objects, chunk: Chunk, target: string): Promise<void> {
  const key = objectKey(chunk.object, "parquet");
  await copyFile(await objects.local(key), target);
  const { sha256 } = await sha256File(target);
  if (sha256 !== chunk.object)
    throw new TilthError("version/damaged", { object: key, problem: "its bytes are not those its name promises" });
}

interface Content {
  readonly manifest: string;
  readonly chunks: readonly Chunk[];
  readonly names: readonly string[];
}

async function holdsSame(folder: string, there: readonly string[], { manifest, chunks, names }: Content): Promise<boolean> {
  if (there.length !== names.length + 1 || ![...names, checkoutManifest].every((name) => there.includes(name))) return false;
  if (sha256Hex(await readFile(join(folder, checkoutManifest))) !== manifest) return false;
  for (const [index, chunk] of chunks.entries()) {
    if ((await sha256File(join(folder, fileName(index, chunks.length)))).sha256 !== chunk.object) return false;
  }
  return true;
}
