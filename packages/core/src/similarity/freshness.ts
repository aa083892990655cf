import { setImmediate } from "node:timers/promises";
import { TilthError } from "../errors.ts";
import type { Embedder } from "../schema/embedder.ts";
import { type Clock, systemClock } from "../text/ulid.ts";
import { type FreshnessDistribution, drawDistribution, quantile } from "./freshness-calibration.ts";
import { type CheckPoolOptions, type CheckedSample, checkSamples } from "./freshness-check.ts";
import { type CompareOptions, type Near, checkWeights, find } from "./freshness-query.ts";
import {
  type FreshnessSample,
  type FreshnessState,
  type InsertReport,
  buildState,
  compactState,
  insertSamples,
  newState,
  queryOf,
  removeSample,
} from "./freshness-state.ts";
import { readState, writeState } from "./freshness-store.ts";
import { checkEmbedder, embedInt8 } from "./freshness-vectors.ts";
import { type FreshnessWindow } from "./freshness-window.ts";
import type { Weights } from "./kernels/freshness-hits.ts";

/** The founding weights: word sets, word 3-grams, meaning. */
export const FRESHNESS_WEIGHTS: Weights = { word: 0.3, phrase: 0.4, semantic: 0.3 };

/** Texts that are checked between two pauses in which others get their turn. */
const TEXTS_A_TURN = 64;

export interface FreshnessIndexOptions {
  /** 0 or more each, at most 1 together. @defaultValue {@link FRESHNESS_WEIGHTS} */
  readonly weights?: Weights;
  /** Which state of the pool the samples are: kept with the index and told beside every score. */
  readonly poolVersion?: string;
  /** `false` asks for the TypeScript twin of the kernels: the same answers, slower. */
  readonly wasm?: boolean;
  /** For windows of days. */
  readonly clock?: Clock;
}

export interface SimilarityOptions extends CompareOptions {
  /** How many near samples are told. @defaultValue 1 */
  readonly k?: number | undefined;
}

/** A freshness as a number, or the one below which this share of the pool's own samples lies. */
export type FreshnessThreshold = number | { readonly quantile: number };

export interface DecisionOptions extends CompareOptions {
  readonly threshold: FreshnessThreshold;
}

/** The nearest sample of the pool, and everything that has to be recorded beside a score. */
export interface Similarity {
  /** Exact maximum over the pool, 0 to 1; 0 for an empty pool. */
  readonly score: number;
  /** 1 - score. */
  readonly freshness: number;
  /** Of the nearest sample, the smallest id among equals; absent for an empty pool. */
  readonly id: string | undefined;
  readonly parts: Near["parts"];
  /** Neither rescaled nor clipped. */
  readonly cosine: number;
  /** The `k` nearest, nearest first. */
  readonly nearest: readonly Near[];
  readonly exact: true;
  readonly pool: {
    readonly size: number;
    readonly version: string | undefined;
    readonly type: string | undefined;
    readonly window: FreshnessWindow | undefined;
  };
  readonly embedder: Pick<Embedder, "id" | "version" | "backgroundCosine">;
  readonly weights: Weights;
}

export interface FreshnessDecision {
  readonly isFresh: boolean;
  readonly threshold: number;
  /** A sample that is too near, not always the nearest; absent for a fresh text. */
  readonly witness: Near | undefined;
}

export interface CheckedText {
  readonly text: string;
  /** Absent, like all that follows from it, for a text without words. */
  readonly score: number | undefined;
  readonly freshness: number | undefined;
  readonly isFresh: boolean | undefined;
  readonly witness: Near | undefined;
}

/**
 * A pool of texts that tells how near a new text is to the nearest of them, exactly.
 *
 * freshness = 1 - max over the pool of `word` Jaccard(words) + `phrase` Jaccard(word 3-grams) + `semantic` cosine, rescaled from the
 * embedder's background.
 */
export interface FreshnessIndex {
  /** Living samples. */
  readonly size: number;
  /** Samples by type; the empty string stands for no type. */
  readonly types: ReadonlyMap<string, number>;
  /** True when so much is pending or removed that searches are slowed down: call `compact` when there is time. */
  readonly isCompactionDue: boolean;
  readonly engine: "wasm" | "typescript";
  poolVersion: string | undefined;
  /** Puts these samples in the place of all that there were; what is inserted meanwhile is lost. Of equal ids the last one counts. */
  build(samples: Iterable<FreshnessSample> | AsyncIterable<FreshnessSample>): Promise<InsertReport>;
  /** Adds samples; one with a known id takes the other's place. They are found at once, and merged by `compact`. */
  insert(samples: Iterable<FreshnessSample> | AsyncIterable<FreshnessSample>): Promise<InsertReport>;
  /** False when there was none with this id. */
  remove(id: string): boolean;
  /** Merges what was inserted and removed: seconds for a million samples, in one go. */
  compact(): void;
  /** Absent for a text without words. */
  maxSimilarity(text: string, options?: SimilarityOptions): Promise<Similarity | undefined>;
  /** The same decision as `freshness >= threshold` on the unrounded freshness, with an early end; absent for a text without words. */
  isFresh(text: string, options: DecisionOptions): Promise<FreshnessDecision | undefined>;
  /** Texts in order; each is compared with the pool, not with the others. */
  batchCheck(texts: readonly string[], options: DecisionOptions): Promise<readonly CheckedText[]>;
  /**
   * Every sample of the pool against all others, in ascending order of ids: decisions as `isFresh` makes them, without embedding again.
   *
   * What is pending is merged first.
   */
  checkPool(options: CheckPoolOptions): AsyncIterable<CheckedSample>;
  /** How fresh the merged samples are among themselves, from up to 2 000 draws; drawn again when the pool has changed by a fifth. */
  distribution(options?: { readonly type?: string | undefined }): Promise<FreshnessDistribution>;
  /** The share of the pool's own samples that are at most as fresh as a text with this similarity score, 0 to 1. */
  percentile(score: number, options?: { readonly type?: string | undefined }): Promise<number>;
  /**
   * Writes the index into a folder of its own, in one step: whoever opens it meets the old one or the new one.
   *
   * After few changes only these are written.
   *
   * @throws {@link TilthError} `storage/write-failed`.
   */
  save(folder: string): Promise<void>;
}

/**
 * Makes an empty index.
 *
 * @throws {@link TilthError} `input/invalid` for weights out of range or an embedder without a background below 1.
 * @example
 * const index = createFreshnessIndex(await openStaticEmbedder());
 * await index.build([{ id: "1", text: "gm frens", type: "gm" }]);
 * await index.maxSimilarity("GM, frens!"); // { score: 1, id: "1", … }
 */
export function createFreshnessIndex(embedder: Embedder, options: FreshnessIndexOptions = {}): FreshnessIndex {
  return faceOf(newState(settingsOf(embedder, options)), []);
}

/**
 * Opens an index that `save` wrote.
 *
 * @throws {@link TilthError} `embed/mismatch` when it was made with another embedder; `storage/index-unusable` when it is missing, damaged,
 *   foreign or of another format. After either, build it again.
 */
export async function openFreshnessIndex(folder: string, embedder: Embedder, options: FreshnessIndexOptions = {}): Promise<FreshnessIndex> {
  const { state, distributions } = await readState(folder, settingsOf(embedder, options), options.weights);
  return faceOf(state, distributions);
}

function settingsOf(
  embedder: Embedder,
  { weights = FRESHNESS_WEIGHTS, wasm = true, clock = systemClock, poolVersion }: FreshnessIndexOptions,
) {
  checkEmbedder(embedder);
  checkWeights(weights);
  return { embedder, weights, wasm, clock, version: poolVersion };
}

type Known = readonly (readonly [string | undefined, FreshnessDistribution])[];

function faceOf(state: FreshnessState, known: Known): FreshnessIndex {
  const distributions = new Map(known);

  const distribution: FreshnessIndex["distribution"] = async ({ type } = {}) => {
    const last = distributions.get(type);
    const size = sizeOf(state, type);
    if (last !== undefined && Math.abs(size - last.size) <= 0.2 * last.size) return last;
    const drawn = await drawDistribution(state, type);
    distributions.set(type, drawn);
    return drawn;
  };
  const thresholdOf = async ({ threshold, type }: DecisionOptions): Promise<number> => {
    if (typeof threshold === "number") return threshold;
    const share = threshold.quantile;
    if (!(share >= 0 && share <= 1)) throw new TilthError("input/invalid", { where: "quantile", problem: `${share}; expected 0 to 1` });
    return quantile((await distribution({ type })).draws, share);
  };

  return {
    get size() {
      return sizeOf(state, undefined);
    },
    get types() {
      return new Map(state.living.entries().filter(([, count]) => count > 0));
    },
    get isCompactionDue() {
      const changes = state.pending.count + state.removedFromBase;
      return changes > Math.min(20_000, Math.max(1_000, 0.05 * state.base.count));
    },
    get engine() {
      return state.base.memory.kernels.engine;
    },
    get poolVersion() {
      return state.version;
    },
    set poolVersion(version) {
      state.version = version;
    },
    build: (samples) => buildState(state, samples),
    insert: (samples) => insertSamples(state, samples),
    remove: (id) => removeSample(state, id),
    compact: () => compactState(state),
    maxSimilarity: async (text, options = {}) => {
      const query = queryOf(state, text, await embedInt8(state.embedder, [text]), 0);
      return query === undefined ? undefined : similarityOf(state, options, find(state, query, options, { limit: options.k ?? 1 }));
    },
    isFresh: async (text, options) => {
      const threshold = await thresholdOf(options);
      const query = queryOf(state, text, await embedInt8(state.embedder, [text]), 0);
      if (query === undefined) return undefined;
      const [witness] = find(state, query, options, { limit: 1, threshold }).near;
      return { isFresh: witness === undefined, threshold, witness };
    },
    batchCheck: async (texts, options) => {
      const threshold = await thresholdOf(options);
      const checked: CheckedText[] = [];
      for (let from = 0; from < texts.length; from += TEXTS_A_TURN) {
        const batch = texts.slice(from, from + TEXTS_A_TURN);
        const vectors = await embedInt8(state.embedder, batch);
        for (const [row, text] of batch.entries())
          checked.push(checkText(state, queryOf(state, text, vectors, row), text, options, threshold));
        await setImmediate();
      }
      return checked;
    },
    checkPool: (options) => checkSamples(state, options),
    distribution,
    percentile: async (score, options) => {
      const { draws } = await distribution(options);
      const atMost = draws.filter((freshness) => freshness <= 1 - score).length;
      return draws.length === 0 ? 1 : atMost / draws.length;
    },
    save: (folder) => writeState(state, folder, [...distributions]),
  };
}

function checkText(
  state: FreshnessState,
  query: ReturnType<typeof queryOf>,
  text: string,
  options: CompareOptions,
  threshold: number,
): CheckedText {
  if (query === undefined) return { text, score: undefined, freshness: undefined, isFresh: undefined, witness: undefined };
  const [nearest] = find(state, query, options, { limit: 1 }).near;
  const score = nearest?.score ?? 0;
  const isFresh = 1 - score >= threshold;
  return { text, score, freshness: 1 - score, isFresh, witness: isFresh ? undefined : nearest };
}

function sizeOf({ living }: FreshnessState, type: string | undefined): number {
  return type === undefined ? living.values().reduce((sum, count) => sum + count, 0) : (living.get(type) ?? 0);
}

function similarityOf(state: FreshnessState, options: SimilarityOptions, { near, size }: ReturnType<typeof find>): Similarity {
  const [nearest] = near;
  const { id, version, backgroundCosine } = state.embedder;
  return {
    score: nearest?.score ?? 0,
    freshness: 1 - (nearest?.score ?? 0),
    id: nearest?.id,
    parts: nearest?.parts ?? { word: 0, phrase: 0, semantic: 0 },
    cosine: nearest?.cosine ?? 0,
    nearest: near,
    exact: true,
    pool: { size, version: state.version, type: options.type, window: options.window },
    embedder: { id, version, backgroundCosine },
    weights: options.weights ?? state.weights,
  };
}
