import { mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { detailText, isTilthError } from "../errors.ts";
import type { Embedder } from "../schema/embedder.ts";
import { type FreshnessIndex, openFreshnessIndex } from "../similarity/freshness.ts";
import type { Weights } from "../similarity/kernels/freshness-hits.ts";
import type { Clock } from "../text/ulid.ts";

const place = z.object({
  /** The pool's id. */
  pool: z.string(),
  /** How far in its change log, and the example of that entry. */
  seq: z.int(),
  last: z.string(),
  weights: z.object({ word: z.number(), phrase: z.number(), semantic: z.number() }),
  /** Of how many samples each type's distribution was drawn; the key of all types is the empty one. */
  drawn: z.record(z.string(), z.int()),
});

/** Which state of which pool an index holds; it lies in the index as its pool version. */
export type IndexPlace = z.output<typeof place>;

export interface KeptIndexOptions {
  readonly embedder: Embedder;
  readonly weights: Weights;
  readonly clock: Clock;
}

/** An index that was found in its folder, or what is wrong with it; neither where there is none. */
export interface KeptIndex {
  readonly index?: FreshnessIndex;
  readonly place?: IndexPlace;
  readonly problem?: string;
}

/** Opens the index in a folder where it fits. */
export async function openKeptIndex(folder: string, { embedder, weights, clock }: KeptIndexOptions): Promise<KeptIndex> {
  if (!(await isThere(folder))) return {};
  try {
    const index = await openFreshnessIndex(folder, embedder, { weights, clock });
    const found = placeOf(index);
    if (found === undefined) return { problem: "it does not say which pool it is of" };
    const { word, phrase, semantic } = found.weights;
    if (word !== weights.word || phrase !== weights.phrase || semantic !== weights.semantic) return { problem: "the weights were others" };
    return { index, place: found };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    return { problem };
  }
}

/**
 * Saves an index into its folder, unless another process is doing so: what this one found out is then found out again next time.
 *
 * @returns What kept it from being written, if anything did: an index can be done without.
 */
export async function saveIndex(index: FreshnessIndex, folder: string): Promise<string | undefined> {
  const lock = join(folder, "lock");
  try {
    await mkdir(folder, { recursive: true });
    if (!(await takeLock(lock))) return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  try {
    await index.save(folder);
    return undefined;
  } catch (error) {
    if (!isTilthError(error) || error.code !== "storage/write-failed") throw error;
    return error.message;
  } finally {
    await rm(lock, { force: true });
  }
}

/** Longer than any index takes to write: whoever took the lock was killed. */
const OLD_MS = 600_000;

async function takeLock(path: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await (await open(path, "wx")).close();
      return true;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const held = await stat(path).catch(() => undefined);
      if (attempt > 1 || (held !== undefined && Date.now() - held.mtimeMs < OLD_MS)) return false;
      await rm(path, { force: true });
    }
  }
}

function placeOf({ poolVersion = "" }: FreshnessIndex): IndexPlace | undefined {
  try {
    return place.parse(JSON.parse(poolVersion));
  } catch {
    return undefined; // another program's word for its version
  }
}

/** What is cured by building the index again; `undefined` for everything else. */
function problemOf(error: unknown): string | undefined {
  if (!isTilthError(error)) return undefined;
  const { code } = error;
  if (code === "embed/mismatch")
    return `it was made with the embedder ${detailText(error, "found")}, this is ${detailText(error, "expected")}`;
  return code === "storage/index-unusable" ? detailText(error, "problem") : undefined;
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
