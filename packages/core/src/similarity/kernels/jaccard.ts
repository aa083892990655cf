// Typed arrays and loops only: this is the innermost step of every near-duplicate search.
import type { ShingleSets } from "../../text/kernels/shingle-sets.ts";

/** Ceilings and floors of a product with a threshold lean this far back, or pairs exactly at the threshold would be lost to rounding. */
export const ROUNDING = 1e-9;

/** The fewest shingles two sets must share so that their Jaccard similarity reaches the threshold. */
export function requiredOverlap(threshold: number, firstSize: number, secondSize: number): number {
  return Math.ceil((threshold / (1 + threshold)) * (firstSize + secondSize) - ROUNDING);
}

/**
 * The exact Jaccard similarity of two sets, or -1 as soon as it cannot reach the threshold; empty sets are similar to nothing.
 *
 * One merge of two ascending ranges; it ends when either side has missed more shingles than it may.
 */
export function jaccard(sets: ShingleSets, first: number, second: number, threshold: number): number {
  const { values, offsets } = sets;
  let i = offsets[first];
  let j = offsets[second];
  const iEnd = offsets[first + 1];
  const jEnd = offsets[second + 1];
  const sizes = iEnd - i + (jEnd - j);
  const required = Math.max(1, requiredOverlap(threshold, iEnd - i, jEnd - j));
  let firstMisses = iEnd - i - required;
  let secondMisses = jEnd - j - required;
  if (firstMisses < 0 || secondMisses < 0) return -1;
  let shared = 0;
  while (i < iEnd && j < jEnd) {
    const a = values[i];
    const b = values[j];
    if (a === b) {
      shared++;
      i++;
      j++;
    } else if (a < b) {
      i++;
      if (--firstMisses < 0) return -1;
    } else {
      j++;
      if (--secondMisses < 0) return -1;
    }
  }
  return shared >= required ? shared / (sizes - shared) : -1;
}
