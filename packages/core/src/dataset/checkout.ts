import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { TilthError } from "../errors.ts";
import type { Objects } from "../objects/objects.ts";
import { objectKey } from "../objects/objects.ts";
import type { Chunk, RefEntry } from "../schema/manifest.ts";
import { sha256File, sha256Hex } from "../text/hash.ts";
import { readChunks, readManifest } from "./manifest.ts";

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

const MANIFEST = "manifest.json";

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
  const there = await entriesOf(folder);
  if (there.length > 0) {
    if (await holdsSame(folder, there, { manifest: entry.manifest, chunks, names })) return { ...result, created: false };
    throw new TilthError("dataset/target-not-empty", { path: folder });
  }
  const draft = `${folder}.tmp-${randomUUID()}`;
  try {
    await mkdir(draft, { recursive: true });
    for (const [index, chunk] of chunks.entries()) {
      options.signal?.throwIfAborted();
      await copyChunk(objects, chunk, join(draft, fileName(index, chunks.length)));
      options.progress?.({ done: index + 1, total: chunks.length });
    }
    await writeFile(join(draft, MANIFEST), await objects.get(objectKey(entry.manifest, "json")));
    await mkdir(dirname(folder), { recursive: true });
    await removeEmpty(folder);
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { ...result, created: true };
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
  if (there.length !== names.length + 1 || ![...names, MANIFEST].every((name) => there.includes(name))) return false;
  if (sha256Hex(await readFile(join(folder, MANIFEST))) !== manifest) return false;
  for (const [index, chunk] of chunks.entries()) {
    if ((await sha256File(join(folder, fileName(index, chunks.length)))).sha256 !== chunk.object) return false;
  }
  return true;
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") throw new TilthError("dataset/target-not-empty", { path: folder }, { cause });
    throw cause;
  }
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT") return;
    if (code === "ENOTEMPTY" || code === "EEXIST") throw new TilthError("dataset/target-not-empty", { path: folder }, { cause });
    throw cause;
  }
}
