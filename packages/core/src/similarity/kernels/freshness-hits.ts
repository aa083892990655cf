// Tight loops: the best samples met so far, and the bound that everything else has to reach.

/** Weights of the three parts of a similarity, 0 or more each. */
export interface Weights {
  readonly word: number;
  readonly phrase: number;
  readonly semantic: number;
}

/** A sample of the merged part by its number, or of the pending part as -1 - number. */
export interface Hit {
  readonly sample: number;
  /** Equal scores: the smaller one comes first. */
  readonly rank: number;
  readonly score: number;
  readonly word: number;
  readonly phrase: number;
  readonly semantic: number;
  /** Neither rescaled nor clipped. */
  readonly cosine: number;
}

/** What a search has found. `bound` is the score that matters: the worst of `limit` hits, or the floor as long as there are fewer. */
export interface Hits {
  readonly list: Hit[];
  readonly limit: number;
  /** A decision: the search is over at the first sample that leaves less freshness than this. */
  readonly threshold: number | undefined;
  bound: number;
  /** Of the hit at the bound; -Infinity while no sample with exactly that score could be taken. */
  boundRank: number;
  decided: boolean;
}

/** A decision looks at scores from a hair below `1 - threshold` on, and leaves the last word to the unrounded comparison. */
export function newHits(limit: number, threshold: number | undefined): Hits {
  const bound = threshold === undefined ? 0 : Math.max(0, 1 - threshold - 1e-12);
  return { list: [], limit, threshold, bound, boundRank: -Infinity, decided: false };
}

/** True when no sample below this upper bound can change what was found. */
export function isHopeless(hits: Hits, upperBound: number): boolean {
  return hits.boundRank === -Infinity ? upperBound <= hits.bound : upperBound < hits.bound;
}

/** The same for a sample whose rank is known: at an equal score only a smaller rank counts. */
export function isHopelessAt(hits: Hits, upperBound: number, rank: number): boolean {
  return upperBound < hits.bound || (upperBound === hits.bound && rank >= hits.boundRank);
}

/** Takes a sample in, if it belongs there. */
export function offer(hits: Hits, hit: Hit): void {
  const { list, limit, threshold } = hits;
  if (threshold !== undefined) {
    if (hits.decided || 1 - hit.score >= threshold) return;
    list.push(hit);
    hits.decided = true;
    return;
  }
  if (isHopelessAt(hits, hit.score, hit.rank) || list.some(({ sample }) => sample === hit.sample)) return;
  let at = list.length;
  while (at > 0 && (list[at - 1].score < hit.score || (list[at - 1].score === hit.score && list[at - 1].rank > hit.rank))) at--;
  list.splice(at, 0, hit);
  if (list.length > limit) list.pop();
  if (list.length < limit) return;
  hits.bound = list[limit - 1].score;
  hits.boundRank = list[limit - 1].rank;
}

/** The one order of additions: every bound is made with it too, so rounding never puts a bound below a score. */
export function weigh({ word: a, phrase: b, semantic: c }: Weights, word: number, phrase: number, semantic: number): number {
  return b * phrase + a * word + c * semantic;
}

/** Cosine rescaled so that unrelated texts are at 0; 0 for a vector of zeros. */
export function rescale(cosine: number, background: number): number {
  const value = (cosine - background) / (1 - background);
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** Jaccard of two sets from their sizes and what they share. */
export function jaccard(shared: number, left: number, right: number): number {
  return shared === 0 ? 0 : shared / (left + right - shared);
}
