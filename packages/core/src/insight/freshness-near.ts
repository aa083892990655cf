import type { Near, SimilarityParts } from "../similarity/freshness-query.ts";
import type { FreshnessScope } from "./freshness-rows.ts";
import type { PoolFreshness } from "./freshness.ts";

/** An example that is near, with what makes it so. */
export interface Neighbour {
  readonly id: string;
  /** 0 nothing alike, 1 the same words: the weighted sum of the parts. Rounded to 4 decimals, like all that follows. */
  readonly similarity: number;
  /** Shared words, shared word 3-grams, meaning: each 0 to 1. */
  readonly parts: SimilarityParts;
  /** Of the meanings, as it is. */
  readonly cosine: number;
  readonly type?: string;
  /** Its first 200 characters; absent where it went away meanwhile. */
  readonly text?: string;
}

/** With what was compared, and how: recorded beside every score. */
export interface FreshnessBasis {
  /** A dataset's id; absent for the whole pool. */
  readonly dataset?: string;
  /** The state of the pool: its id and how far in its change log. */
  readonly pool: string;
  readonly embedder: { readonly id: string; readonly version: string; readonly backgroundCosine: number };
  readonly weights: { readonly word: number; readonly phrase: number; readonly semantic: number };
}

export function basisOf({ datasetId, version, embedder, weights }: PoolFreshness & FreshnessScope): FreshnessBasis {
  const { id, version: embedderVersion, backgroundCosine } = embedder;
  return {
    ...(datasetId === undefined ? {} : { dataset: datasetId }),
    pool: version,
    embedder: { id, version: embedderVersion, backgroundCosine },
    weights,
  };
}

export function neighbourOf(
  { id, score, parts, cosine }: Near,
  shown?: { readonly text: string; readonly type: string | undefined },
): Neighbour {
  const { word, phrase, semantic } = parts;
  return {
    id,
    similarity: rounded(score),
    parts: { word: rounded(word), phrase: rounded(phrase), semantic: rounded(semantic) },
    cosine: rounded(cosine),
    ...(shown === undefined ? {} : { text: shown.text, ...(shown.type === undefined ? {} : { type: shown.type }) }),
  };
}

/** Decisions fall on the unrounded value; 4 decimals are kept and shown. */
export function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
