import { TilthError } from "../errors.ts";
import { type Hit, type Hits, type Weights, newHits, weigh } from "./kernels/freshness-hits.ts";
import { idAt, rankOf } from "./kernels/freshness-ids.ts";
import { EXCLUDED, OUTSIDE_WINDOW, REMOVED } from "./kernels/freshness-memory.ts";
import { type PendingView, measurePending, searchPending } from "./kernels/freshness-pending.ts";
import { type Query, type Scope, type Scratch, measure, searchBase } from "./kernels/freshness-search.ts";
import { type FreshnessState, pendingRank, scratchOf } from "./freshness-state.ts";
import { type FreshnessWindow, openWindow, rangeOf } from "./freshness-window.ts";

/** With which samples a text is compared, and how. */
export interface CompareOptions {
  /** Samples of this type alone. @defaultValue all types */
  readonly type?: string | undefined;
  /** Ids that are left out: the sample itself and its other versions. */
  readonly exclude?: Iterable<string> | undefined;
  /** The newest samples alone. @defaultValue all */
  readonly window?: FreshnessWindow | undefined;
  /** @defaultValue those of the index */
  readonly weights?: Weights | undefined;
}

/** The three parts of a similarity, each 0 to 1. */
export interface SimilarityParts {
  readonly word: number;
  readonly phrase: number;
  readonly semantic: number;
}

/** A sample that is near. */
export interface Near {
  readonly id: string;
  readonly score: number;
  readonly parts: SimilarityParts;
  /** Neither rescaled nor clipped. */
  readonly cosine: number;
}

/** How much is asked for: the `limit` nearest, or whether there is any that leaves less freshness than the threshold. */
export interface Aim {
  readonly limit: number;
  readonly threshold?: number | undefined;
}

export interface Found {
  readonly near: readonly Near[];
  /** Samples that were compared with. */
  readonly size: number;
}

/**
 * Finds the nearest samples of one text, exactly.
 *
 * @throws {@link TilthError} `input/invalid` for weights, windows or numbers out of range.
 */
export function find(state: FreshnessState, query: Query, options: CompareOptions, aim: Aim): Found {
  const weights = options.weights ?? state.weights;
  checkWeights(weights);
  checkNumbers(options, aim);
  const { base, pending } = state;
  const { type, window } = options;
  const opened = window === undefined ? undefined : openWindow(state, window, type);
  const blocked = opened?.pendingOutside.slice() ?? pending.removed.slice(0, pending.count);
  if (type !== undefined) for (let n = 0; n < blocked.length; n++) if (pending.types[n] !== type) blocked[n] = 1;
  const mask = REMOVED | EXCLUDED | (window === undefined ? 0 : OUTSIDE_WINDOW);
  const typeNumber = type === undefined ? -1 : base.types.indexOf(type);
  const scope: Scope = { type: typeNumber, mask, weights, background: state.embedder.backgroundCosine };
  const view: PendingView = { columns: pending, blocked, rankOf: (n) => pendingRank(state, n) };
  const size = opened?.size ?? livingOf(state, type);
  const excluded = exclude(state, options.exclude ?? [], blocked);
  const scratch = scratchOf(state);
  const hits = newHits(aim.limit, aim.threshold);
  for (const word of query.knownWords) scratch.wordFlags[word] = 1;
  if (base.count > 0 && !(type !== undefined && typeNumber < 0)) searchBase(base, scratch, query, scope, hits);
  if (!hits.decided) searchPending(view, scratch.wordFlags, query, scope, hits);
  if (aim.threshold === undefined && hits.list.length < aim.limit) fillUp(state, { query, scope, view, scratch, hits, type });
  for (const word of query.knownWords) scratch.wordFlags[word] = 0;
  for (const n of excluded) base.memory.states[n] = (base.memory.states[n] ?? 0) & ~EXCLUDED;
  return { near: hits.list.map((hit) => nearOf(state, hit)), size };
}

function livingOf({ living }: FreshnessState, type: string | undefined): number {
  if (type !== undefined) return living.get(type) ?? 0;
  return living.values().reduce((sum, count) => sum + count, 0);
}

/** Marks the samples to be left out; returns those of the merged part. */
function exclude(state: FreshnessState, ids: Iterable<string>, blocked: Uint8Array): readonly number[] {
  const { base, pendingById } = state;
  const excluded: number[] = [];
  for (const id of ids) {
    const waiting = pendingById.get(id);
    if (waiting !== undefined) blocked[waiting] = 1;
    const rank = rankOf(base.ids, id);
    const n = rank < 0 ? undefined : base.byRank[rank];
    if (n === undefined) continue;
    base.memory.states[n] = (base.memory.states[n] ?? 0) | EXCLUDED;
    excluded.push(n);
  }
  return excluded;
}

interface Filling {
  readonly query: Query;
  readonly scope: Scope;
  readonly view: PendingView;
  readonly scratch: Scratch;
  readonly hits: Hits;
  readonly type: string | undefined;
}

/** Fewer samples than asked for have any similarity: those of the smallest ids follow, with score 0. */
function fillUp(state: FreshnessState, { query, scope, view, scratch, hits, type }: Filling): void {
  const { base } = state;
  const { list, limit } = hits;
  const [from, to] = rangeOf(base, type);
  const taken = new Set(list.map(({ sample }) => sample));
  const room = limit - list.length;
  const more: Omit<Hit, "score">[] = [];
  for (let rank = 0; rank < base.count && more.length < room; rank++) {
    const n = base.byRank[rank] ?? 0;
    if (n < from || n >= to || taken.has(n) || ((base.memory.states[n] ?? 0) & scope.mask) !== 0) continue;
    more.push(measure(base, scratch, query, scope, n));
  }
  let waiting = 0;
  for (const n of state.pendingOrder) {
    if (waiting === room) break;
    if (view.blocked[n] !== 0 || taken.has(-1 - n)) continue;
    more.push(measurePending(view, scratch.wordFlags, query, scope, n));
    waiting++;
  }
  more.sort((left, right) => left.rank - right.rank);
  for (const hit of more.slice(0, room)) list.push({ ...hit, score: weigh(scope.weights, hit.word, hit.phrase, hit.semantic) });
}

function nearOf({ base, pending }: FreshnessState, { sample, score, word, phrase, semantic, cosine }: Hit): Near {
  const id = sample < 0 ? (pending.ids[-1 - sample] ?? "") : idAt(base.ids, base.rank[sample] ?? 0);
  return { id, score, parts: { word, phrase, semantic }, cosine };
}

/**
 * Weights are 0 or more and together at most 1, so that a freshness lies between 0 and 1.
 *
 * @throws {@link TilthError} `input/invalid`.
 */
export function checkWeights({ word, phrase, semantic }: Weights): void {
  const all = [word, phrase, semantic];
  const sum = word + phrase + semantic;
  if (all.every((weight) => weight >= 0) && sum > 0 && sum <= 1 + 1e-9) return;
  throw new TilthError("input/invalid", {
    where: "weights",
    problem: `word ${word}, phrase ${phrase}, semantic ${semantic}; expected 0 or more each and at most 1 together`,
  });
}

function checkNumbers({ window }: CompareOptions, { limit, threshold }: Aim): void {
  if (!Number.isInteger(limit) || limit < 1)
    throw new TilthError("input/invalid", { where: "k", problem: `${limit}; expected a whole number of 1 or more` });
  if (threshold !== undefined && !(threshold >= 0 && threshold <= 1))
    throw new TilthError("input/invalid", { where: "threshold", problem: `${threshold}; expected 0 to 1` });
  if (window === undefined) return;
  const amount = "samples" in window ? window.samples : window.days;
  if (!(amount >= 0)) throw new TilthError("input/invalid", { where: "window", problem: `${amount}; expected 0 or more` });
}
