import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Objects } from "../objects/objects.ts";
import { objectKey } from "../objects/objects.ts";
import type { Chunk } from "../schema/manifest.ts";
import { chunkSchema } from "../schema/manifest.ts";

/** Chunks that lie in the store although no version refers to them yet: those of a commit that lost a race, or that was killed. */
export interface WrittenChunks {
  /** The chunk with these cells, if the store has it. */
  find(cells: string): Promise<Chunk | undefined>;
  add(chunk: Chunk): Promise<void>;
  /** Forgets them: a version refers to them now. */
  clear(): Promise<void>;
}

/**
 * Reads the list of chunks that earlier commits of a dataset wrote and did not live to refer to.
 *
 * The list is a hint and may be lost: a chunk counts only when the store has it, as long as it should be. One line a chunk.
 *
 * @param file - Where the list lies; without it chunks are remembered in this process alone.
 */
export async function openWrittenChunks(objects: Objects, file?: string): Promise<WrittenChunks> {
  const chunks = new Map((file === undefined ? [] : await readLines(file)).map((chunk) => [chunk.cells, chunk]));
  return {
    async find(cells) {
      const chunk = chunks.get(cells);
      if (chunk === undefined) return undefined;
      return (await objects.adopt(objectKey(chunk.object, "parquet"))) === chunk.bytes ? chunk : undefined;
    },
    async add(chunk) {
      chunks.set(chunk.cells, chunk);
      if (file === undefined) return;
      await mkdir(dirname(file), { recursive: true });
      await appendFile(file, `${JSON.stringify(chunk)}\n`);
    },
    async clear() {
      chunks.clear();
      if (file !== undefined) await rm(file, { force: true });
    },
  };
}

/** The last line may have been cut by what killed the writer. */
async function readLines(file: string): Promise<readonly Chunk[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const parsed = chunkSchema.safeParse(parseLine(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
