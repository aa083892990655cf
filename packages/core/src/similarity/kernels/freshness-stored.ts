// Tight loops over typed arrays: makes queries of samples that are stored already, without their text.
import type { Base } from "./freshness-base.ts";
import { takeVector } from "./freshness-memory.ts";
import type { Query } from "./freshness-search.ts";

/** Phrases and sequences of a base by sample instead of by hash: 12 bytes a phrase, to be dropped after use. */
export interface Unfolded {
  readonly starts: Uint32Array;
  readonly phraseFirst: Int32Array;
  readonly phraseSecond: Int32Array;
  readonly keyFirst: Int32Array;
  readonly keySecond: Int32Array;
}

export function unfold({ count, phraseCounts, phrases, keys }: Base): Unfolded {
  const starts = new Uint32Array(count + 1);
  for (let n = 0; n < count; n++) starts[n + 1] = starts[n] + phraseCounts[n];
  const next = starts.slice();
  const phraseFirst = new Int32Array(phrases.hash.length);
  const phraseSecond = new Int32Array(phrases.hash.length);
  for (let i = 0; i < phrases.hash.length; i++) {
    const at: number = next[phrases.sample[i]]++;
    phraseFirst[at] = phrases.hash[i];
    phraseSecond[at] = phrases.check[i];
  }
  const keyFirst = new Int32Array(count);
  const keySecond = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    keyFirst[keys.sample[i]] = keys.hash[i];
    keySecond[keys.sample[i]] = keys.check[i];
  }
  return { starts, phraseFirst, phraseSecond, keyFirst, keySecond };
}

/** A sample as a query. */
export function storedQuery(base: Base, unfolded: Unfolded, n: number): Query {
  const { starts, phraseFirst, phraseSecond, keyFirst, keySecond } = unfolded;
  const vector = new Int8Array(base.memory.dimensions);
  takeVector(base.memory, n, vector, 0);
  return {
    knownWords: base.wordIds.subarray(base.wordOffsets[n], base.wordOffsets[n + 1]),
    wordCount: base.wordOffsets[n + 1] - base.wordOffsets[n],
    phraseFirst: phraseFirst.subarray(starts[n], starts[n + 1]),
    phraseSecond: phraseSecond.subarray(starts[n], starts[n + 1]),
    keyFirst: keyFirst[n],
    keySecond: keySecond[n],
    vector,
    square: base.squares[n],
  };
}
