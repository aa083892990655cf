// Typed arrays and loops only: a chained table from shingle to the sets that hold it, insert only.
import { ROUNDING } from "./jaccard.ts";

/**
 * Postings lie in one array, four numbers each (shingle, next, set, reach), so that a step along a chain costs one cache line.
 *
 * Chains begin in `heads`; 0 ends one. `reach` is the size of the largest partner for which the posting can matter.
 */
export interface Postings {
  cells: Int32Array;
  heads: Int32Array;
  mask: number;
  /** Cells in use; the first posting begins at 4, since 0 ends a chain. */
  used: number;
}

/** An empty table; memory that no posting reaches is never touched. */
export function newPostings(expected: number): Postings {
  const slots = 2 ** Math.min(28, Math.max(10, Math.ceil(Math.log2(expected * 1.2 + 1))));
  return { cells: new Int32Array(4 * Math.max(256, expected + 1)), heads: new Int32Array(slots), mask: slots - 1, used: 4 };
}

/** Where the chain of a shingle begins that is not frequent. */
function slotOf(shingle: number, mask: number): number {
  let hash = shingle;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash & mask;
}

/**
 * Where the chain of a frequent shingle begins: thousands of sets share it, so each size has a chain of its own, and sets that are too
 * long or too short are never met.
 */
export function slotOfSize(shingle: number, step: number, mask: number): number {
  return slotOf(shingle ^ Math.imul(step, 0x9e3779b1), mask);
}

/** Sizes up to 128 stand for themselves, above in steps of about 1 %; from 1. */
export function sizeStep(size: number): number {
  return size <= 128 ? size : 128 + Math.floor(Math.log2(size / 128) * 64);
}

/** @param step - The set's {@link sizeStep} under a frequent shingle, 0 under any other. */
export function addPosting(postings: Postings, shingle: number, step: number, set: number, reach: number): void {
  if (postings.used + 4 > postings.cells.length) grow(postings);
  const { cells, heads, used, mask } = postings;
  const slot = slotOfSize(shingle, step, mask);
  cells[used] = shingle;
  cells[used + 1] = heads[slot];
  cells[used + 2] = set;
  cells[used + 3] = reach;
  heads[slot] = used;
  postings.used = used + 4;
}

function grow(postings: Postings): void {
  const cells = new Int32Array(postings.cells.length * 2);
  cells.set(postings.cells);
  postings.cells = cells;
}

/**
 * The largest set that can still reach the threshold with a set of this size, once its first `places` rarest shingles are known to be
 * no match: the shared shingles are then at most those that are left.
 *
 * @see Xiao et al., "Efficient Similarity Joins for Near Duplicate Detection", WWW 2008: positional filter.
 */
export function largestPartner(size: number, places: number, threshold: number): number {
  return Math.floor(((size - places) * (1 + threshold)) / threshold - size + ROUNDING * 1e3);
}

/** The smallest set that can reach the threshold with a set of this size. */
export function smallestPartner(size: number, threshold: number): number {
  return Math.max(1, Math.ceil(threshold * size - ROUNDING));
}
