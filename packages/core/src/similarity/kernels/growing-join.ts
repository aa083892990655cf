// Typed arrays and loops only: the join of join.ts for an index that grows with every set it keeps.
import type { ShingleSets } from "../../text/kernels/shingle-sets.ts";
import { jaccard } from "./jaccard.ts";
import { addPosting, largestPartner, newPostings, sizeStep, slotOfSize, smallestPartner } from "./postings.ts";
import { MOST_COUNTED, countSlots, readSlots } from "./frequencies.ts";
import { fillPrefix, newPrefix } from "./prefix.ts";

/** Kept sets and their index. */
export interface GrowingJoin {
  readonly threshold: number;
  /** Frequencies of a sample, never counted again: an order that changed would lose pairs. */
  readonly slots: Uint8Array;
  readonly postings: ReturnType<typeof newPostings>;
  readonly prefix: ReturnType<typeof newPrefix>;
  /** Kept sets; the one that is asked about lies behind them. */
  values: Int32Array;
  offsets: Float64Array;
  count: number;
  counts: Uint8Array;
  metFor: Float64Array;
  turn: number;
  /** The similarity that the last witness was found with. */
  similarity: number;
}

/** Slots of the sample: a quarter of a million. */
const SAMPLE_BITS = 18;

export function newGrowingJoin(threshold: number, sample: ShingleSets | undefined): GrowingJoin {
  const every = new Int32Array(sample === undefined ? 0 : sample.offsets.length - 1);
  for (let set = 0; set < every.length; set++) every[set] = set;
  return {
    threshold,
    slots: sample === undefined ? new Uint8Array(1024) : countSlots(sample, every, SAMPLE_BITS),
    postings: newPostings(1024),
    prefix: newPrefix(),
    values: new Int32Array(4096),
    offsets: new Float64Array(256),
    count: 0,
    counts: new Uint8Array(256),
    metFor: new Float64Array(256),
    turn: 0,
    similarity: 0,
  };
}

/** The number of the kept set that is most similar to this one, the earliest of several; or -1, and this one is kept under the next number. */
export function addToJoin(join: GrowingJoin, set: Int32Array): number {
  const { threshold, postings, prefix, count } = join;
  const start = join.offsets[count];
  makeRoom(join, start, set.length);
  join.values.set(set, start);
  join.offsets[count + 1] = start + set.length;
  join.turn++;
  readSlots(join.slots, set, join.counts);
  // Singletons of the sample stay: a later set may share one.
  fillPrefix(prefix, join.values, start, start + set.length, join.counts, 0, threshold, 0);
  const witness = findWitness(join, set.length);
  if (witness >= 0) return witness;
  for (let i = 0; i < prefix.size; i++) {
    const step = prefix.frequent[i] === 1 ? sizeStep(set.length) : 0;
    addPosting(postings, prefix.tokens[i], step, count, largestPartner(set.length, i, threshold));
  }
  join.count++;
  if (postings.used > 4 * postings.heads.length) growHeads(join);
  return -1;
}

/** Twice as many chains, each posting laid into its own again in the order in which they came. */
function growHeads({ postings, slots, offsets }: GrowingJoin): void {
  const shift = Math.clz32(slots.length - 1);
  const heads = new Int32Array(postings.heads.length * 2);
  postings.heads = heads;
  postings.mask = heads.length - 1;
  const { cells, mask, used } = postings;
  for (let at = 4; at < used; at += 4) {
    const set = cells[at + 2];
    const frequent = slots[cells[at] >>> shift] === MOST_COUNTED;
    const slot = slotOfSize(cells[at], frequent ? sizeStep(offsets[set + 1] - offsets[set]) : 0, mask);
    cells[at + 1] = heads[slot];
    heads[slot] = at;
  }
}

function findWitness(join: GrowingJoin, size: number): number {
  const { threshold, postings, prefix, metFor, offsets, count, turn } = join;
  const { cells, heads, mask } = postings;
  const smallest = smallestPartner(size, threshold);
  let best = -1;
  let by = -1;
  for (let i = 0; i < prefix.size; i++) {
    const token = prefix.tokens[i];
    const largest = largestPartner(size, i, threshold);
    const frequent = prefix.frequent[i] === 1;
    const lastStep = frequent ? sizeStep(largest) : 0;
    for (let step = frequent ? sizeStep(smallest) : 0; step <= lastStep; step++) {
      for (let at = heads[slotOfSize(token, step, mask)]; at !== 0; at = cells[at + 1]) {
        const other = cells[at + 2];
        if (cells[at] !== token || metFor[other] === turn) continue;
        metFor[other] = turn;
        const otherSize = offsets[other + 1] - offsets[other];
        if (size > cells[at + 3] || otherSize < smallest || otherSize > largest) continue;
        const value = jaccard(join, other, count, best > threshold ? best : threshold);
        if (value > best || (value === best && value >= 0 && other < by)) {
          best = value;
          by = other;
        }
      }
    }
  }
  join.similarity = best;
  return by;
}

function makeRoom(join: GrowingJoin, used: number, more: number): void {
  if (used + more > join.values.length) {
    const values = new Int32Array(Math.max(join.values.length * 2, used + more));
    values.set(join.values.subarray(0, used));
    join.values = values;
  }
  if (more > join.counts.length) join.counts = new Uint8Array(more * 2);
  if (join.count + 2 <= join.offsets.length) return;
  const offsets = new Float64Array(join.offsets.length * 2);
  offsets.set(join.offsets);
  join.offsets = offsets;
  const metFor = new Float64Array(offsets.length);
  metFor.set(join.metFor);
  join.metFor = metFor;
}
