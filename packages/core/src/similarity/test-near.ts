import type { ShingleSets } from "../text/kernels/shingle-sets.ts";

/** Sets laid end to end, each sorted and without repeats. */
export function setsOf(lists: readonly (readonly number[])[]): ShingleSets {
  const sorted = lists.map((list) => Int32Array.from(new Set(list)).sort());
  const offsets = new Float64Array(sorted.length + 1);
  for (const [set, values] of sorted.entries()) offsets[set + 1] = (offsets[set] ?? 0) + values.length;
  const values = new Int32Array(offsets.at(-1) ?? 0);
  for (const [set, own] of sorted.entries()) values.set(own, offsets[set] ?? 0);
  return { values, offsets };
}

/** 0, 1, 2 … */
export function inOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, set) => set);
}

/** Mulberry32, from 0 up to 1: the same sets in every run. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A spread-out number, as shingles are: neighbours must not lie side by side. */
export function hashed(value: number): number {
  const mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) | 0;
}

/** What is wrong with survivors, held against every pair that reaches the threshold; all zero in exact mode. */
export function audit(pairs: ReadonlyMap<string, number>, order: Int32Array, witness: Int32Array, similarity: Float64Array): Audit {
  const rank = new Int32Array(order.length);
  for (const [place, set] of order.entries()) rank[set] = place;
  /** The best kept witness that each set could have. */
  const best = new Map<number, { readonly by: number; readonly value: number }>();
  let keptPairs = 0;
  for (const [pair, value] of pairs) {
    const [one = 0, other = 0] = pair.split(" ").map(Number);
    const [earlier, later] = (rank[one] ?? 0) < (rank[other] ?? 0) ? [one, other] : [other, one];
    if (witness[earlier] !== -1) continue;
    if (witness[later] === -1) keptPairs++;
    const known = best.get(later);
    const isBetter = known === undefined || value > known.value || (value === known.value && (rank[earlier] ?? 0) < (rank[known.by] ?? 0));
    if (isBetter) best.set(later, { by: earlier, value });
  }
  let withoutWitness = 0;
  let notTheBest = 0;
  for (const [set, by] of witness.entries()) {
    if (by === -1) continue;
    const value = pairs.get(by < set ? `${by} ${set}` : `${set} ${by}`);
    if (witness[by] !== -1 || value === undefined || value !== similarity[set]) withoutWitness++;
    else if (best.get(set)?.by !== by) notTheBest++;
  }
  return { keptPairs, withoutWitness, notTheBest };
}

export interface Audit {
  readonly keptPairs: number;
  readonly withoutWitness: number;
  readonly notTheBest: number;
}

/** Every pair that reaches the threshold, counted by shared shingles over an index of all of them: an oracle without any filter. */
export function pairsByCounting(sets: ShingleSets, threshold: number): Map<string, number> {
  const { values, offsets } = sets;
  const holders = new Map<number, number[]>();
  const pairs = new Map<string, number>();
  const shared = new Int32Array(offsets.length);
  for (let set = 0; set + 1 < offsets.length; set++) {
    const start = offsets[set] ?? 0;
    const end = offsets[set + 1] ?? 0;
    const met: number[] = [];
    for (const value of values.subarray(start, end)) {
      const list = holders.get(value) ?? [];
      for (const other of list) {
        if (shared[other] === 0) met.push(other);
        shared[other] = (shared[other] ?? 0) + 1;
      }
      list.push(set);
      holders.set(value, list);
    }
    for (const other of met) {
      const both = shared[other] ?? 0;
      const value = both / (end - start + ((offsets[other + 1] ?? 0) - (offsets[other] ?? 0)) - both);
      shared[other] = 0;
      if (value >= threshold - 1e-9) pairs.set(`${other} ${set}`, value);
    }
  }
  return pairs;
}
