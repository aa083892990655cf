// A long file of tight loops over typed arrays: stages and bounds share one run. The exact maximum of
//   weights.word * Jaccard(words) + weights.phrase * Jaccard(phrases) + weights.semantic * rescaled cosine
// over the merged part of an index, in three stages that each end as soon as a bound says that nothing better is left:
// A counts shared phrases, B reads the postings of rare words, C scans the vectors. An upper bound equal to the best score is still looked
// at, because the smallest id wins.
import { dotBetween, normRoundedUp } from "../../text/kernels/vectors.ts";
import type { Base } from "./freshness-base.ts";
import { type Hit, type Hits, type Weights, isHopeless, isHopelessAt, jaccard, offer, rescale, weigh } from "./freshness-hits.ts";
import { CHUNK, LONGEST, MOST_COUNTED, SEEN } from "./freshness-memory.ts";
import { firstEntry, lowerBound } from "./freshness-postings.ts";

/** A text that is looked for. */
export interface Query {
  /** Numbers of its known words, ascending. */
  readonly knownWords: Uint32Array;
  /** All its words, each once, known or not. */
  readonly wordCount: number;
  readonly phraseFirst: Int32Array;
  readonly phraseSecond: Int32Array;
  readonly keyFirst: number;
  readonly keySecond: number;
  readonly vector: Int8Array;
  /** Squared norm of the vector. */
  readonly square: number;
}

export interface Scope {
  /** Number of the type, or -1 for all. */
  readonly type: number;
  /** Bits of `states` that keep a sample out. */
  readonly mask: number;
  readonly weights: Weights;
  readonly background: number;
}

/** Counts of one search, all zero between two. */
export interface Scratch {
  readonly wordFlags: Uint8Array;
  readonly phraseCounts: Uint32Array;
  readonly phraseTouched: Uint32Array;
  readonly wordTouched: Uint32Array;
}

/** @param vocabulary - Words of the dictionary, those of pending samples included. */
export function newScratch(samples: number, vocabulary: number): Scratch {
  return {
    wordFlags: new Uint8Array(vocabulary),
    phraseCounts: new Uint32Array(samples),
    phraseTouched: new Uint32Array(samples),
    wordTouched: new Uint32Array(samples),
  };
}

/** Where a search has ended: `none` before the first stage. */
export type Stage = "phrases" | "words" | "vectors";

interface Run {
  readonly base: Base;
  readonly scratch: Scratch;
  readonly query: Query;
  readonly scope: Scope;
  readonly hits: Hits;
  readonly from: number;
  readonly to: number;
  readonly queryNorm: number;
  phrasesTouched: number;
  wordsTouched: number;
  /** The touched sample that shares most, as far as that is known: it only serves to raise the bound early. */
  promising: number;
  promise: number;
  /** The largest count of words. */
  mostCounted: number;
  /** Known words whose postings were not read: what a sample can still share without being touched for it. */
  unread: number;
}

/**
 * Offers the best samples of the merged part to `hits`; `scratch.wordFlags` must hold 1 for each known word of the query.
 *
 * @returns The stage that ended it.
 */
export function searchBase(base: Base, scratch: Scratch, query: Query, scope: Scope, hits: Hits): Stage {
  const all = scope.type < 0;
  const run: Run = {
    base,
    scratch,
    query,
    scope,
    hits,
    from: all ? 0 : base.typeStarts[scope.type],
    to: all ? base.count : base.typeStarts[scope.type + 1],
    queryNorm: Math.sqrt(query.square),
    phrasesTouched: 0,
    wordsTouched: 0,
    promising: -1,
    promise: 0,
    mostCounted: 0,
    unread: lowerBound(query.knownWords, 0, query.knownWords.length, base.wordStarts.length - 1),
  };
  const stage = searchStages(run);
  const { states, counts } = base.memory;
  for (let i = 0; i < run.phrasesTouched; i++) {
    scratch.phraseCounts[scratch.phraseTouched[i]] = 0;
    states[scratch.phraseTouched[i]] &= ~SEEN;
  }
  for (let i = 0; i < run.wordsTouched; i++) counts[scratch.wordTouched[i]] = 0;
  return stage;
}

function searchStages(run: Run): Stage {
  const { weights } = run.scope;
  offerIdentical(run);
  if (run.hits.decided) return "phrases";
  if (weights.phrase > 0) {
    countPhrases(run);
    offerByPhrases(run);
  }
  // Whatever shares a phrase was looked at: all others have at most their words and their meaning.
  if (run.hits.decided || isHopeless(run.hits, weigh(weights, 1, 0, 1))) return "phrases";
  if (weights.word > 0 && readRareWords(run)) {
    offerByWords(run);
    return "words";
  }
  if (run.hits.decided) return "words";
  scanVectors(run);
  return "vectors";
}

/** Similarity 1 by definition, also where no word is known to the embedder. */
function offerIdentical(run: Run): void {
  const { base, query, scope, hits } = run;
  const { hash, check, sample } = base.keys;
  const { states } = base.memory;
  const score = weigh(scope.weights, 1, 1, 1);
  for (let i = firstEntry(base.keys, query.keyFirst); i < hash.length && hash[i] === query.keyFirst; i++) {
    const n: number = sample[i];
    if (check[i] !== query.keySecond || n < run.from || n >= run.to || (states[n] & scope.mask) !== 0) continue;
    const rank: number = base.rank[n];
    if (isHopelessAt(hits, score, rank)) continue;
    offer(hits, { sample: n, rank, score, word: 1, phrase: 1, semantic: 1, cosine: cosineOf(run, n, dotOf(run, n)) });
  }
}

/** Stage A: how many phrases each sample shares with the query. What shares one is seen: the other stages pass over it. */
function countPhrases(run: Run): void {
  const { base, query, scope, from, to } = run;
  const { hash, check, sample } = base.phrases;
  const { states } = base.memory;
  const { phraseCounts, phraseTouched } = run.scratch;
  const { mask } = scope;
  let touched = 0;
  for (let p = 0; p < query.phraseFirst.length; p++) {
    const wanted = query.phraseFirst[p];
    const wantedCheck = query.phraseSecond[p];
    for (let i = firstEntry(base.phrases, wanted); i < hash.length && hash[i] === wanted; i++) {
      if (check[i] !== wantedCheck) continue;
      const n: number = sample[i];
      if (n < from || n >= to || (states[n] & mask) !== 0) continue;
      if (phraseCounts[n]++ === 0) phraseTouched[touched++] = n;
    }
  }
  for (let i = 0; i < touched; i++) states[phraseTouched[i]] |= SEEN;
  run.phrasesTouched = touched;
}

function offerByPhrases(run: Run): void {
  const { query, scope, hits } = run;
  const { weights } = scope;
  const { phraseTouched, phraseCounts } = run.scratch;
  let first = -1;
  let most = 0;
  let mostShared = 0;
  for (let i = 0; i < run.phrasesTouched; i++) {
    const n: number = phraseTouched[i];
    // A guess is enough here, and few samples share more than one or two phrases.
    if (2 * phraseCounts[n] <= mostShared) continue;
    mostShared = Math.max(mostShared, phraseCounts[n]);
    const phrase = phraseJaccard(run, n);
    if (phrase <= most) continue;
    most = phrase;
    first = n;
  }
  if (first < 0) return;
  consider(run, first, most);
  for (let i = 0; i < run.phrasesTouched && !hits.decided; i++) {
    const n: number = phraseTouched[i];
    if (n === first) continue;
    const length = wordsOf(run.base, n);
    const word = Math.min(length, query.wordCount) / Math.max(length, query.wordCount);
    const phrase = phraseJaccard(run, n);
    if (weigh(weights, word, phrase, 1) >= hits.bound) consider(run, n, phrase);
  }
}

/**
 * Stage B: reads the postings of the query's words, rarest first.
 *
 * @returns True when what was not touched cannot win; false when the vectors have to be scanned.
 */
function readRareWords(run: Run): boolean {
  const { query, scope, hits } = run;
  const { weights } = scope;
  // More postings than this, and a pass over the vectors is cheaper; without a semantic weight there is no such pass.
  const budget = weights.semantic > 0 ? Math.min(60_000, Math.max(2_000, 0.15 * (run.to - run.from))) : Infinity;
  const known = run.unread;
  let used = 0;
  let look = 4_000;
  for (let i = 0; ; i++) {
    if (hits.decided || isHopeless(hits, weigh(weights, run.unread / query.wordCount, 0, 1))) return true;
    if (i === known) break;
    const size = cutSlices(run, query.knownWords[i]);
    if (used + size > budget) break;
    readSlices(run);
    run.unread--;
    used += size;
    if (used > look) {
      offerPromising(run);
      look = 2 * used;
    }
  }
  offerPromising(run);
  return hits.decided || isHopeless(hits, weigh(weights, run.unread / query.wordCount, 0, 1));
}

/** Stretches of the postings of one word: one a type. */
const sliceFrom: number[] = [];
const sliceTo: number[] = [];
/** With more types than this a list is read whole, not cut by length type by type. */
const MOST_CUTS = 32;

/** Cuts the postings of a word to the lengths that can still matter: Jaccard is at most the ratio of the lengths. */
function cutSlices(run: Run, word: number): number {
  const { base, query, scope, hits } = run;
  const { wordSamples, wordStarts, types, lengthStarts } = base;
  sliceFrom.length = 0;
  sliceTo.length = 0;
  const low = wordStarts[word];
  const high = wordStarts[word + 1];
  const least = (hits.bound - scope.weights.semantic) / scope.weights.word;
  const all = scope.type < 0;
  if (all && (least <= 0.02 || types.length > MOST_CUTS)) {
    sliceFrom.push(low);
    sliceTo.push(high);
    return high - low;
  }
  let size = 0;
  for (let type = all ? 0 : scope.type; type < (all ? types.length : scope.type + 1); type++) {
    let first = base.typeStarts[type];
    let last = base.typeStarts[type + 1];
    if (least > 0.02) {
      const starts = type * (LONGEST + 2);
      first = lengthStarts[starts + Math.min(LONGEST, Math.ceil(least * query.wordCount - 1e-9))];
      const longest = Math.floor(query.wordCount / least + 1e-9);
      if (longest < LONGEST) last = lengthStarts[starts + longest + 1];
    }
    const from = lowerBound(wordSamples, low, high, first);
    const to = lowerBound(wordSamples, from, high, last);
    if (to <= from) continue;
    sliceFrom.push(from);
    sliceTo.push(to);
    size += to - from;
  }
  return size;
}

function readSlices(run: Run): void {
  const { wordSamples, memory } = run.base;
  const { states, counts, classes } = memory;
  const { wordTouched } = run.scratch;
  const { wordCount } = run.query;
  const mask = run.scope.mask | SEEN;
  let touched = run.wordsTouched;
  for (let s = 0; s < sliceFrom.length; s++) {
    const to = sliceTo[s];
    for (let i: number = sliceFrom[s]; i < to; i++) {
      const n: number = wordSamples[i];
      if ((states[n] & mask) !== 0) continue;
      const count = counts[n] + 1;
      if (count <= MOST_COUNTED) counts[n] = count;
      if (count === 1) {
        wordTouched[touched++] = n;
        if (run.promising >= 0) continue;
      }
      if (count > run.mostCounted) run.mostCounted = Math.min(count, MOST_COUNTED);
      const promise = count / (wordCount + classes[n] - count);
      if (promise <= run.promise) continue;
      run.promise = promise;
      run.promising = n;
    }
  }
  run.wordsTouched = touched;
}

/** A good sample early raises the bound for all others. */
function offerPromising(run: Run): void {
  if (run.promising >= 0) consider(run, run.promising, 0);
}

function offerByWords(run: Run): void {
  const { base, query, scope, hits, unread } = run;
  const { counts } = base.memory;
  const { wordTouched } = run.scratch;
  for (let i = 0; i < run.wordsTouched && !hits.decided; i++) {
    const n: number = wordTouched[i];
    const word = mostWords(counts[n], unread, query.wordCount, wordsOf(base, n));
    if (weigh(scope.weights, word, 0, 1) >= hits.bound) consider(run, n, 0);
  }
}

/** Jaccard of words if a sample held, beside those counted, every word that was not read. */
function mostWords(counted: number, unread: number, wordCount: number, length: number): number {
  const shared = counted < MOST_COUNTED ? Math.min(length, counted + unread) : Math.min(length, wordCount);
  return jaccard(shared, wordCount, length);
}

/** Stage C: all products of the first dimensions; the others only where Cauchy and Schwarz leave a chance. */
function scanVectors(run: Run): void {
  const { base, query, scope, hits, from, to } = run;
  const { memory } = base;
  const { kernels, headDimensions, dimensions, states, out, dots } = memory;
  const restNorm = normRoundedUp(query.vector, headDimensions, dimensions);
  memory.query.set(query.vector);
  const heads = memory.headsAt + from * headDimensions;
  const dotsAt = memory.dotsAt + from * 4;
  if (headDimensions === 128) kernels.dots128(memory.queryAt, heads, to - from, dotsAt);
  else kernels.dots(memory.queryAt, heads, to - from, headDimensions, dotsAt);

  const mask = scope.mask | SEEN;
  const seeds: number[] = [];
  for (let i = 0; i < Math.min(16, hits.limit) && !hits.decided; i++) {
    const n = kernels.nearest(memory.dotsAt, memory.inversesAt, memory.statesAt, mask, from, to);
    if (n < 0) break;
    states[n] |= SEEN;
    seeds.push(n);
    consider(run, n, 0);
  }
  setThresholds(run);
  for (let start = from; start < to && !hits.decided; start += CHUNK) {
    const count = kernels.above(
      memory.dotsAt,
      memory.queryAt + headDimensions,
      memory.restsAt,
      dimensions - headDimensions,
      restNorm,
      memory.restNormsAt,
      memory.inversesAt,
      memory.classesAt,
      memory.countsAt,
      base.columns,
      memory.thresholdsAt,
      memory.statesAt,
      mask,
      start,
      Math.min(to, start + CHUNK),
      memory.outAt,
    );
    const { bound } = hits;
    for (let i = 0; i < count && !hits.decided; i++) {
      const n: number = out[i];
      considerDot(run, n, 0, dots[n]);
    }
    if (hits.bound > bound) setThresholds(run);
  }
  for (const n of seeds) states[n] &= ~SEEN;
}

/**
 * For each count of shared words and each length the product, in units of the query's norm, that a sample must pass.
 *
 * Below zero everything passes: a sample of negative cosine can still win by its words. A millionth is taken off for the rounding of
 * 32-bit floats, which is a quarter of that.
 */
function setThresholds(run: Run): void {
  const { base, query, scope, hits, queryNorm, unread } = run;
  const { weights, background } = scope;
  const { thresholds } = base.memory;
  for (let counted = 0; counted <= run.mostCounted; counted++) {
    for (let length = 0; length < base.columns; length++) {
      // The last class has all longer texts: the one that could share most is meant.
      const words = length < LONGEST ? length : Math.max(LONGEST, query.wordCount);
      const word = length < LONGEST || query.wordCount <= LONGEST ? mostWords(counted, unread, query.wordCount, words) : 1;
      const semantic = (hits.bound - weights.word * word) / weights.semantic - 1e-12;
      thresholds[counted * base.columns + length] = semantic <= 0 ? -1e30 : (background + semantic * (1 - background) - 1e-6) * queryNorm;
    }
  }
}

/** What a sample without any similarity still has: parts whose weight is zero. */
export function measure(base: Base, scratch: Scratch, query: Query, scope: Scope, n: number): Omit<Hit, "score"> {
  const run: Pick<Run, "base" | "scratch" | "query" | "queryNorm"> = { base, scratch, query, queryNorm: Math.sqrt(query.square) };
  const cosine = cosineOf(run, n, dotOf(run, n));
  const semantic = semanticOf(run, n, cosine, scope.background);
  return { sample: n, rank: base.rank[n], word: wordJaccard(run, n), phrase: sharedPhrases(run, n), semantic, cosine };
}

/** Looks at one sample in full. */
function consider(run: Run, n: number, phrase: number): void {
  const { scope, hits, base } = run;
  const word = wordJaccard(run, n);
  if (isHopelessAt(hits, weigh(scope.weights, word, phrase, 1), base.rank[n])) return;
  offerWith(run, n, word, phrase, dotOf(run, n));
}

function considerDot(run: Run, n: number, phrase: number, dot: number): void {
  offerWith(run, n, wordJaccard(run, n), phrase, dot);
}

function offerWith(run: Run, n: number, word: number, phrase: number, dot: number): void {
  const { scope, hits, base } = run;
  const cosine = cosineOf(run, n, dot);
  const semantic = semanticOf(run, n, cosine, scope.background);
  const score = weigh(scope.weights, word, phrase, semantic);
  const rank: number = base.rank[n];
  if (isHopelessAt(hits, score, rank)) return;
  // Without its weight phrases were not counted.
  const shown = scope.weights.phrase > 0 ? phrase : sharedPhrases(run, n);
  offer(hits, { sample: n, rank, score, word, phrase: shown, semantic, cosine });
}

/** 0 where either vector is all zeros, whatever the background. */
function semanticOf({ base, query }: Pick<Run, "base" | "query">, n: number, cosine: number, background: number): number {
  return query.square === 0 || base.squares[n] === 0 ? 0 : rescale(cosine, background);
}

function wordJaccard(run: Pick<Run, "base" | "scratch" | "query">, n: number): number {
  const { wordOffsets, wordIds } = run.base;
  const { wordFlags } = run.scratch;
  const to = wordOffsets[n + 1];
  let shared = 0;
  for (let i: number = wordOffsets[n]; i < to; i++) shared += wordFlags[wordIds[i]];
  return jaccard(shared, run.query.wordCount, to - wordOffsets[n]);
}

function phraseJaccard(run: Run, n: number): number {
  return jaccard(run.scratch.phraseCounts[n], run.query.phraseFirst.length, run.base.phraseCounts[n]);
}

function sharedPhrases({ base, query }: Pick<Run, "base" | "query">, n: number): number {
  const { hash, check, sample } = base.phrases;
  let shared = 0;
  for (let p = 0; p < query.phraseFirst.length; p++) {
    const wanted = query.phraseFirst[p];
    for (let i = firstEntry(base.phrases, wanted); i < hash.length && hash[i] === wanted; i++)
      if (check[i] === query.phraseSecond[p] && sample[i] === n) shared++;
  }
  return jaccard(shared, query.phraseFirst.length, base.phraseCounts[n]);
}

function dotOf({ base, query }: Pick<Run, "base" | "query">, n: number): number {
  const { heads, rests, headDimensions, dimensions } = base.memory;
  const restDimensions = dimensions - headDimensions;
  return (
    dotBetween(query.vector, 0, heads, n * headDimensions, headDimensions) +
    dotBetween(query.vector, headDimensions, rests, n * restDimensions, restDimensions)
  );
}

function cosineOf({ base, query, queryNorm }: Pick<Run, "base" | "query" | "queryNorm">, n: number, dot: number): number {
  const square = base.squares[n];
  return query.square === 0 || square === 0 ? 0 : dot / (queryNorm * Math.sqrt(square));
}

/** Length classes lie closer together in memory; only the last one does not say the length. */
function wordsOf({ memory, wordOffsets }: Base, n: number): number {
  const length = memory.classes[n];
  return length < LONGEST ? length : wordOffsets[n + 1] - wordOffsets[n];
}
