import { TilthError } from "../errors.ts";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import { newGrowingJoin, addToJoin } from "./kernels/growing-join.ts";

/** The kept set that makes another one redundant. */
export interface NearWitness {
  /** Which call of `add` brought it, counted from 0. */
  readonly index: number;
  /** The exact Jaccard similarity. */
  readonly similarity: number;
}

/** Near-duplicates of a stream: sets come one after the other, and the first of its kind stays. */
export interface NearIndex {
  readonly threshold: number;
  readonly shingleWords: number;
  /** How many sets were kept, empty ones included. */
  readonly kept: number;
  /**
   * Gives back what makes the set redundant; or keeps it, so that it can make later ones redundant.
   *
   * @param set - Shingles, ascending as signed integers, each once; it is copied. An empty set is near to nothing.
   */
  add(set: Int32Array): NearWitness | undefined;
}

/**
 * Opens an index that decides about each set as it comes; the same decisions as those of the exact join in that order.
 *
 * @param options.sample - Sets like those to come: what is frequent in them is looked at last. Frequencies are not counted again, since any
 *   fixed order of shingles is right; a good one is fast.
 * @throws {@link TilthError} `input/invalid` for a threshold out of range.
 */
export function createNearIndex(options: {
  readonly threshold: number;
  readonly shingleWords: number;
  readonly sample?: ShingleSets;
}): NearIndex {
  const { threshold, shingleWords, sample } = options;
  if (!(threshold > 0 && threshold <= 1)) {
    throw new TilthError("input/invalid", { where: "threshold", problem: `${threshold} does not lie above 0 and up to 1` });
  }
  const join = newGrowingJoin(threshold, sample);
  /** The call that brought each kept set; empty ones are kept outside of the join. */
  const calls: number[] = [];
  let count = 0;
  let empty = 0;
  return {
    threshold,
    shingleWords,
    get kept() {
      return calls.length + empty;
    },
    add(set) {
      const index = count++;
      if (set.length === 0) {
        empty++;
        return undefined;
      }
      const witness = addToJoin(join, set);
      if (witness < 0) {
        calls.push(index);
        return undefined;
      }
      return { index: calls[witness] ?? 0, similarity: join.similarity };
    },
  };
}
