import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { findDataset } from "../dataset/datasets.ts";
import type { Config } from "../schema/config.ts";
import type { FreshnessSettings, ResolvedPacks } from "../schema/pack.ts";
import type { FreshnessDistribution } from "../similarity/freshness-calibration.ts";
import type { FreshnessSample } from "../similarity/freshness-state.ts";
import { FRESHNESS_WEIGHTS, type FreshnessIndex, createFreshnessIndex } from "../similarity/freshness.ts";
import type { Weights } from "../similarity/kernels/freshness-hits.ts";
import type { Storage } from "../storage/storage.ts";
import type { Clock } from "../text/ulid.ts";
import { type PrimedEmbedder, openPoolEmbedder } from "./freshness-embedder.ts";
import { type IndexPlace, openKeptIndex, saveIndex } from "./freshness-folder.ts";
import { type FreshnessScope, type PoolText, activeTexts, changedSince, countActive, logEnd, textsOfIds } from "./freshness-rows.ts";

/** What freshness needs of a workspace; an open workspace is one. */
export interface FreshnessWorkspace {
  readonly paths: { readonly root: string; readonly index: string };
  readonly config: Pick<Config, "embedder">;
  readonly packs: Pick<ResolvedPacks, "pack">;
  readonly clock: Clock;
  storage(): Promise<Storage>;
}

/** How to stop, and whom to tell; the context of an operation is one. */
export interface FreshnessContext {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: { readonly step: string; readonly done: number; readonly total?: number; readonly unit: "rows" }) => void;
  /** Told why an index was built again or could not be kept, and the like. */
  readonly remark?: (message: string) => void;
  /** Where the key of an embedding endpoint is looked up. @defaultValue that of the process */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The index of a pool or of a dataset's members, as the pool stands now. */
export interface PoolFreshness {
  readonly index: FreshnessIndex;
  readonly embedder: PrimedEmbedder;
  readonly weights: Weights;
  readonly storage: Storage;
  /** A dataset's id; absent for the whole pool. */
  readonly datasetId: string | undefined;
  /** Names the state of the pool. */
  readonly version: string;
  /** How fresh the samples are among themselves; without a type, all of them. */
  distribution(type: string | undefined): Promise<FreshnessDistribution>;
  /** Keeps the distributions that were drawn. */
  keep(): Promise<void>;
}

/**
 * Opens the freshness index of a workspace: brought up to date from the change log; built anew where it is missing, damaged, of another
 * embedder or pool, or too far behind.
 *
 * Active examples of all kinds are in it. Saved where anything changed.
 *
 * @throws {@link TilthError} `dataset/not-found`; `input/invalid` for weights out of range; what the embedder throws; the signal's reason.
 */
export async function openFreshness(
  workspace: FreshnessWorkspace,
  { dataset }: { readonly dataset?: string | undefined },
  context: FreshnessContext = {},
): Promise<PoolFreshness> {
  const storage = await workspace.storage();
  const datasetId = dataset === undefined ? undefined : (await findDataset(storage, dataset)).id;
  const { config, paths, clock, packs } = workspace;
  const { environment = process.env, signal } = context;
  const embedder = await openPoolEmbedder({ storage, config, root: paths.root, environment, signal });
  const folder = join(paths.index, "freshness", datasetId === undefined ? "pool" : `dataset-${datasetId}`);
  const site: Site = { storage, datasetId, folder, embedder, weights: weightsOf(packs.pack.freshness), clock };
  const { index, place, isChanged } = await currentIndex(site, context);

  const keep = async (): Promise<void> => {
    const problem = await saveIndex(index, folder);
    if (problem !== undefined) context.remark?.(`The freshness index could not be kept, so it is built again next time: ${problem}`);
  };
  if (isChanged) await keep();
  const drawn = new Map(Object.entries(place.drawn));
  let isDrawn = false;
  return {
    index,
    embedder,
    storage,
    datasetId,
    weights: site.weights,
    version: `${place.pool}@${place.seq}`,
    async distribution(type) {
      const key = type === undefined ? "" : `type ${type}`;
      const size = type === undefined ? index.size : (index.types.get(type) ?? 0);
      // Only merged samples are drawn, and they are drawn again when the pool has changed by a fifth.
      if (Math.abs(size - (drawn.get(key) ?? 0)) > size / 6) index.compact();
      const distribution = await index.distribution({ type });
      if (drawn.get(key) !== distribution.size) isDrawn = true;
      drawn.set(key, distribution.size);
      return distribution;
    },
    async keep() {
      if (!isDrawn) return;
      index.poolVersion = JSON.stringify({ ...place, drawn: Object.fromEntries(drawn) });
      await keep();
      isDrawn = false;
    },
  };
}

interface Site extends FreshnessScope {
  readonly storage: Storage;
  readonly folder: string;
  readonly embedder: PrimedEmbedder;
  readonly weights: Weights;
  readonly clock: Clock;
}

interface Current {
  readonly index: FreshnessIndex;
  readonly place: IndexPlace;
  readonly isChanged: boolean;
}

async function currentIndex(site: Site, context: FreshnessContext): Promise<Current> {
  const { index, place, problem } = await openKeptIndex(site.folder, site);
  if (index !== undefined && place !== undefined) {
    const caughtUp = await catchUp(site, index, place, context);
    if (typeof caughtUp !== "string") return caughtUp;
    context.remark?.(`The freshness index is built again: ${caughtUp}.`);
  } else if (problem !== undefined) context.remark?.(`The freshness index is built again: ${problem}.`);
  return build(site, context);
}

/** More than this, and more than half of what is there, is faster built anew. */
const MOST_CHANGES = 2_000;
const IDS_AT_ONCE = 1_000;

/** Follows the change log; says why not, where it cannot. */
async function catchUp(site: Site, index: FreshnessIndex, place: IndexPlace, context: FreshnessContext): Promise<Current | string> {
  const { storage } = site;
  if (place.pool !== storage.id) return "it is of another pool";
  const changed = await changedSince(storage, place);
  if (changed === undefined) return "the pool's history does not lead on from where it was";
  const { ids, end } = changed;
  if (ids.length > Math.max(MOST_CHANGES, index.size / 2)) return `${ids.length.toLocaleString("en-US")} examples changed since`;
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    await turn(context, { step: "following changes", done: at, total: ids.length });
    const some = ids.slice(at, at + IDS_AT_ONCE);
    const texts = await textsOfIds(storage, site, some);
    const there = new Set(texts.map(({ id }) => id));
    for (const id of some) if (!there.has(id)) index.remove(id);
    await index.insert(texts.map(sampleOf));
    if (index.isCompactionDue) index.compact();
  }
  const now: IndexPlace = { ...place, ...end };
  index.poolVersion = JSON.stringify(now);
  return { index, place: now, isChanged: end.seq > place.seq };
}

async function build(site: Site, context: FreshnessContext): Promise<Current> {
  const { storage, embedder, weights, clock } = site;
  // Taken before the first row is read: whatever changes meanwhile is met again by following the log.
  const place: IndexPlace = { pool: storage.id, ...(await logEnd(storage)), weights, drawn: {} };
  const index = createFreshnessIndex(embedder, { weights, clock, poolVersion: JSON.stringify(place) });
  await index.build(samples(site, context));
  return { index, place, isChanged: true };
}

async function* samples(site: Site, context: FreshnessContext): AsyncGenerator<FreshnessSample> {
  const total = await countActive(site.storage, site);
  let done = 0;
  for await (const page of activeTexts(site.storage, site)) {
    await turn(context, { step: "indexing texts", done, total });
    yield* page.map(sampleOf);
    done += page.length;
  }
}

function sampleOf({ id, text, type, createdAtMs }: PoolText): FreshnessSample {
  return { id, text, type, atMs: createdAtMs };
}

/** Lets others have their turn, tells how far it is, and stops where that is wanted. */
export async function turn(
  { signal, progress }: FreshnessContext,
  at: { readonly step: string; readonly done: number; readonly total: number },
): Promise<void> {
  progress?.({ ...at, unit: "rows" });
  await nextTurn();
  signal?.throwIfAborted();
}

function weightsOf({ weights = {} }: FreshnessSettings = {}): Weights {
  const { word, phrase, semantic } = FRESHNESS_WEIGHTS;
  return { word: weights.jaccard ?? word, phrase: weights.phrase ?? phrase, semantic: weights.semantic ?? semantic };
}
