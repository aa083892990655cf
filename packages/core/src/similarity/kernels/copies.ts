// Typed arrays and loops only: identical sets are found before anything is compared.
import type { ShingleSets } from "../../text/kernels/shingle-sets.ts";

/** Identical sets, seen as one. */
export interface Copies {
  /** The first of each group of identical sets, in the given order. */
  readonly firsts: Int32Array;
  /** For each set that set of its group; itself where it is the first. */
  readonly firstOf: Int32Array;
}

/**
 * Finds sets that hold exactly the same shingles; empty sets are copies of nothing. Linear.
 *
 * @param order - Every set once, best first: the first of a group stands for the others.
 */
export function findCopies(sets: ShingleSets, order: Int32Array): Copies {
  const { values, offsets } = sets;
  const count = offsets.length - 1;
  const slots = 2 ** Math.max(4, Math.ceil(Math.log2(count * 1.3 + 1)));
  // Each slot holds the first set of one group, plus one; its hash spares most comparisons with other groups.
  const table = new Int32Array(slots);
  const hashes = new Int32Array(slots);
  const firstOf = new Int32Array(count);
  const firsts = new Int32Array(count);
  let groups = 0;
  for (let r = 0; r < order.length; r++) {
    const set = order[r];
    const start: number = offsets[set];
    const end: number = offsets[set + 1];
    firstOf[set] = set;
    if (start === end) {
      firsts[groups++] = set;
      continue;
    }
    const hash = hashOf(values, start, end);
    let slot = hash & (slots - 1);
    while (table[slot] !== 0 && !(hashes[slot] === hash && areEqual(sets, table[slot] - 1, start, end))) slot = (slot + 1) & (slots - 1);
    if (table[slot] !== 0) {
      firstOf[set] = table[slot] - 1;
      continue;
    }
    table[slot] = set + 1;
    hashes[slot] = hash;
    firsts[groups++] = set;
  }
  return { firsts: firsts.subarray(0, groups), firstOf };
}

function hashOf(values: Int32Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ values[at], 0x9e3779b1);
    hash = (hash << 13) | (hash >>> 19);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function areEqual({ values, offsets }: ShingleSets, other: number, start: number, end: number): boolean {
  const otherStart = offsets[other];
  if (offsets[other + 1] - otherStart !== end - start) return false;
  for (let at = start, otherAt = otherStart; at < end; at++, otherAt++) if (values[at] !== values[otherAt]) return false;
  return true;
}
