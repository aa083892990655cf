import { rm } from "node:fs/promises";
import { TilthError } from "../errors.ts";
import type { Objects } from "../objects/objects.ts";
import { versionColumns } from "../schema/column.ts";
import type { Chunk, Manifest, Recipe } from "../schema/manifest.ts";
import type { Storage } from "../storage/storage.ts";
import type { ChunkSide } from "./changes.ts";
import { defaultTargetRows, writeChunks } from "./chunk.ts";
import type { Duck } from "./duckdb.ts";
import { readChunks } from "./manifest.ts";
import { poolRows } from "./pool-rows.ts";

/** What is compared: a version, what a commit would take from the pool now, or nothing, as before a first version. */
export type DiffSide =
  | { readonly kind: "version"; readonly manifest: Manifest }
  | { readonly kind: "pool"; readonly storage: Storage; readonly dataset: string; readonly recipe: Recipe; readonly nowMs: number }
  | { readonly kind: "nothing" };

export interface OpenSidesOptions {
  readonly objects: Objects;
  readonly duck: Duck;
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly signal?: AbortSignal;
}

/** Both sides as chunks, and where they lie. */
export interface OpenSides {
  readonly objects: Objects;
  readonly before: ChunkSide;
  readonly after: ChunkSide;
}

/**
 * Gives both sides of a comparison as chunks for as long as `work` runs.
 *
 * What the pool holds is cut by the rule of the other side, so that chunks nothing has changed in cancel out; only the others are written,
 * into temporary files that are gone afterwards.
 *
 * @throws TilthError `storage/object-missing`, `version/damaged`, `storage/write-failed`
 */
export async function withSides<T>(options: OpenSidesOptions, work: (sides: OpenSides) => Promise<T>): Promise<T> {
  const scratch = createScratch(options.objects);
  try {
    const [old, now] = [await committedChunks(options.objects, options.before), await committedChunks(options.objects, options.after)];
    const before = old ?? (await poolChunks(options, scratch.objects, options.before, now?.chunks ?? []));
    const after = now ?? (await poolChunks(options, scratch.objects, options.after, before.chunks));
    return await work({ objects: scratch.objects, before, after });
  } finally {
    await scratch.clear();
  }
}

async function committedChunks(objects: Objects, side: DiffSide): Promise<ChunkSide | undefined> {
  switch (side.kind) {
    case "version":
      return { chunks: await readChunks(objects, side.manifest), columns: side.manifest.schema };
    case "nothing":
      return { chunks: [], columns: versionColumns };
    case "pool":
      return undefined;
  }
}

async function poolChunks(
  { duck, before, after, signal }: OpenSidesOptions,
  objects: Objects,
  side: DiffSide,
  others: readonly Chunk[],
): Promise<ChunkSide> {
  if (side.kind !== "pool") return { chunks: [], columns: versionColumns };
  const other = before === side ? after : before;
  const known = new Map(others.map((chunk) => [chunk.cells ?? chunk.object, chunk]));
  const stop = signal === undefined ? {} : { signal };
  const chunks = await duck.use((session) =>
    side.storage.read((snapshot) =>
      writeChunks(poolRows({ ...side, snapshot }, signal), {
        objects,
        session,
        columns: versionColumns,
        targetRows: other.kind === "version" ? other.manifest.chunking.targetRows : defaultTargetRows,
        reuse: ({ cells }) => known.get(cells),
        ...stop,
      }),
    ),
  );
  return { chunks, columns: versionColumns };
}

/** A store whose new objects are plain temporary files: nothing of them is durable. */
function createScratch(objects: Objects): { readonly objects: Objects; clear(): Promise<void> } {
  const files = new Map<string, string>();
  return {
    objects: {
      ...objects,
      put(key, file) {
        files.set(key, file);
        return Promise.resolve();
      },
      local: (key) => {
        const file = files.get(key);
        return file === undefined ? objects.local(key) : Promise.resolve(file);
      },
      putIfAbsent: (key) => Promise.reject(new TilthError("storage/write-failed", { path: key, reason: "a comparison makes no version" })),
    },
    async clear() {
      for (const file of files.values()) await rm(file, { force: true });
    },
  };
}
