// Tight loops over typed arrays: samples that came since the last merge are compared one by one.
import { dotBetween } from "../../text/kernels/vectors.ts";
import { type Columns, blockOf, vectorAt } from "./freshness-columns.ts";
import { type Hit, type Hits, isHopeless, isHopelessAt, jaccard, offer, rescale, weigh } from "./freshness-hits.ts";
import type { Query, Scope } from "./freshness-search.ts";

/** The pending samples as one search sees them. */
export interface PendingView {
  readonly columns: Columns;
  /** Not 0 where a sample is left out of this search. */
  readonly blocked: Uint8Array;
  /** Place of a pending sample's id among the ids of the merged part: a fraction between two of them. */
  readonly rankOf: (n: number) => number;
}

/** Offers the best pending samples to `hits`; `wordFlags` must hold 1 for each known word of the query. */
export function searchPending(view: PendingView, wordFlags: Uint8Array, query: Query, scope: Scope, hits: Hits): void {
  const { columns, blocked, rankOf } = view;
  flagPhrases(query);
  for (let n = 0; n < columns.count && !hits.decided; n++) {
    if (blocked[n] !== 0) continue;
    const identical = columns.keyFirst[n] === query.keyFirst && columns.keySecond[n] === query.keySecond;
    const word = identical ? 1 : wordJaccard(columns, wordFlags, query, n);
    const phrase = identical ? 1 : phraseJaccard(columns, query, n);
    if (isHopeless(hits, weigh(scope.weights, word, phrase, 1))) continue;
    const cosine = cosineOf(columns, query, n);
    const semantic = identical ? 1 : semanticOf(columns, query, n, cosine, scope.background);
    const score = weigh(scope.weights, word, phrase, semantic);
    if (isHopeless(hits, score)) continue;
    const rank = rankOf(n);
    if (!isHopelessAt(hits, score, rank)) offer(hits, { sample: -1 - n, rank, score, word, phrase, semantic, cosine });
  }
}

/** What a sample without any similarity still has: parts whose weight is zero. */
export function measurePending(view: PendingView, wordFlags: Uint8Array, query: Query, scope: Scope, n: number): Omit<Hit, "score"> {
  const { columns } = view;
  flagPhrases(query);
  const cosine = cosineOf(columns, query, n);
  return {
    sample: -1 - n,
    rank: view.rankOf(n),
    word: wordJaccard(columns, wordFlags, query, n),
    phrase: phraseJaccard(columns, query, n),
    semantic: semanticOf(columns, query, n, cosine, scope.background),
    cosine,
  };
}

/** The phrases of the query by open addressing; a slot is empty where `slots` holds 0. */
let slots = new Uint32Array(1_024);

function flagPhrases({ phraseFirst }: Query): void {
  if (slots.length < 2 * phraseFirst.length) slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * phraseFirst.length)));
  else slots.fill(0);
  const mask = slots.length - 1;
  for (let p = 0; p < phraseFirst.length; p++) {
    let slot = phraseFirst[p] & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = p + 1;
  }
}

function phraseJaccard({ phraseOffsets, phraseFirst, phraseSecond }: Columns, query: Query, n: number): number {
  const mask = slots.length - 1;
  const to = phraseOffsets[n + 1];
  let shared = 0;
  for (let i: number = phraseOffsets[n]; i < to; i++) {
    const first = phraseFirst[i];
    for (let slot = first & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const p = slots[slot] - 1;
      if (query.phraseFirst[p] !== first || query.phraseSecond[p] !== phraseSecond[i]) continue;
      shared++;
      break;
    }
  }
  return jaccard(shared, query.phraseFirst.length, to - phraseOffsets[n]);
}

function wordJaccard({ wordOffsets, wordIds }: Columns, wordFlags: Uint8Array, query: Query, n: number): number {
  const to = wordOffsets[n + 1];
  let shared = 0;
  for (let i: number = wordOffsets[n]; i < to; i++) shared += wordFlags[wordIds[i]];
  return jaccard(shared, query.wordCount, to - wordOffsets[n]);
}

function cosineOf(columns: Columns, query: Query, n: number): number {
  const square = columns.squares[n];
  if (query.square === 0 || square === 0) return 0;
  const dot = dotBetween(query.vector, 0, blockOf(columns, n), vectorAt(columns, n), columns.dimensions);
  return dot / (Math.sqrt(query.square) * Math.sqrt(square));
}

function semanticOf({ squares }: Columns, query: Query, n: number, cosine: number, background: number): number {
  return query.square === 0 || squares[n] === 0 ? 0 : rescale(cosine, background);
}
