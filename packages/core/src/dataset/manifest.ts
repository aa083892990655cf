import type { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Objects } from "../objects/objects.ts";
import { objectKey, putJson } from "../objects/objects.ts";
import type { Chunk, Manifest, PageRef, Recipe } from "../schema/manifest.ts";
import { manifestSchema, pageSchema, recipeSchema } from "../schema/manifest.ts";
import { isJsonObject } from "../schema/json.ts";
import { sha256Hex } from "../text/hash.ts";

/** The highest format of stored JSON this code reads. */
export const knownFormat = 1;

const CHUNKS_A_PAGE = 512;

/**
 * Reads a version's manifest by its checksum and makes sure that it is what was written.
 *
 * @throws TilthError `storage/object-missing`, `version/damaged`, `storage/newer-store`
 */
export async function readManifest(objects: Objects, sha256: string): Promise<Manifest> {
  return readJson(objects, sha256, manifestSchema);
}

/**
 * Reads a recipe by the hash a manifest names.
 *
 * @throws TilthError `storage/object-missing`, `version/damaged`, `storage/newer-store`
 */
export async function readRecipe(objects: Objects, sha256: string): Promise<Recipe> {
  return readJson(objects, sha256, recipeSchema);
}

/**
 * The chunks of a version in key order. Memory: some 200 bytes for 65,536 rows.
 *
 * @throws TilthError `storage/object-missing`, `version/damaged`, `storage/newer-store`
 */
export async function readChunks(objects: Objects, manifest: Manifest): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  for (const { page } of manifest.pages) chunks.push(...(await readJson(objects, page, pageSchema)).chunks);
  return chunks;
}

/** Writes the pages that a list of chunks makes, but those in `known`. */
export async function writePages(objects: Objects, chunks: readonly Chunk[], known: ReadonlySet<string>): Promise<readonly PageRef[]> {
  const pages: PageRef[] = [];
  for (let start = 0; start < chunks.length; start += CHUNKS_A_PAGE) {
    const part = chunks.slice(start, start + CHUNKS_A_PAGE);
    const [first, last] = [part[0], part.at(-1)];
    if (first === undefined || last === undefined) break;
    const value = { format: knownFormat, chunks: part };
    const page = await putJson(objects, value, known);
    pages.push({ page, chunks: part.length, min: first.min, max: last.max });
  }
  return pages;
}

/** Parses stored JSON: bytes that are none, or a format newer than this code, are said as what they are. */
export function parseStored<T>(bytes: Uint8Array, key: string, schema: z.ZodType<T>): T {
  const value = parseJson(bytes, key);
  if (isJsonObject(value) && typeof value["format"] === "number" && value["format"] > knownFormat) {
    throw new TilthError("storage/newer-store", { path: key, found: value["format"], known: knownFormat });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TilthError("version/damaged", {
    object: key,
    problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not what it should be"}`,
  });
}

async function readJson<T>(objects: Objects, sha256: string, schema: z.ZodType<T>): Promise<T> {
  const key = objectKey(sha256, "json");
  const bytes = await objects.get(key);
  if (sha256Hex(bytes) !== sha256)
    throw new TilthError("version/damaged", { object: key, problem: "its bytes are not those its name promises" });
  return parseStored(bytes, key, schema);
}

function parseJson(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new TilthError("version/damaged", { object: key, problem: "it is not JSON" }, { cause });
  }
}
