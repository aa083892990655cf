// Typed arrays and loops only: the exact prefix-filter join.
import type { ShingleSets } from "../../text/kernels/shingle-sets.ts";
import { countShingles } from "./frequencies.ts";
import { jaccard } from "./jaccard.ts";
import { addPosting, largestPartner, newPostings, sizeStep, slotOfSize, smallestPartner } from "./postings.ts";
import type { Postings } from "./postings.ts";
import { fillPrefix, newPrefix } from "./prefix.ts";
import type { Prefix } from "./prefix.ts";

/** Which set made another one redundant, and how alike the two are. */
export interface Survivors {
  /** For each set -1 where it is kept, else the kept set that is most similar to it. */
  readonly witness: Int32Array;
  /** The exact Jaccard similarity with the witness; 0 for kept ones. */
  readonly similarity: Float64Array;
}

/**
 * Walks the members in order and keeps a set unless one that was kept before reaches the threshold with it.
 *
 * Exact. Only kept sets enter the index, so a million copies of one text cost one entry. The witness is the most similar kept set, the
 * earlier one in the order where two are equally similar; the outcome depends on the order alone.
 *
 * @param members - Sets in survivor order, best first; sets that are not listed count as kept and are no witnesses.
 * @param done - Holds how many members have been decided, for another thread to read.
 * @see Bayardo, Ma, Srikant, "Scaling Up All Pairs Similarity Search", WWW 2007; Mann, Augsten, Bouros, PVLDB 9(9), 2016.
 */
export function survivors(
  sets: ShingleSets,
  threshold: number,
  members: Int32Array,
  into = keepAll(sets),
  done: Int32Array = new Int32Array(1),
): Survivors {
  const { witness, similarity } = into;
  const join = newJoin(sets, threshold, members);
  const rank = new Int32Array(sets.offsets.length - 1);
  for (let r = 0; r < members.length; r++) {
    const set = members[r];
    done[0] = r;
    rank[set] = r;
    findPrefix(join, set);
    let best = -1;
    let by = -1;
    const found = candidates(join, set);
    for (let c = 0; c < found; c++) {
      const other = join.candidates[c];
      const value = jaccard(sets, other, set, best > threshold ? best : threshold);
      if (value > best || (value === best && value >= 0 && rank[other] < rank[by])) {
        best = value;
        by = other;
      }
    }
    if (by < 0) indexPrefix(join, set);
    else {
      witness[set] = by;
      similarity[set] = best;
    }
  }
  return into;
}

/** Calls back for every pair whose Jaccard similarity reaches the threshold, the earlier member first; none is missed. */
export function allPairs(
  sets: ShingleSets,
  threshold: number,
  members: Int32Array,
  pair: (earlier: number, later: number, similarity: number) => void,
): void {
  const join = newJoin(sets, threshold, members);
  for (let r = 0; r < members.length; r++) {
    const set = members[r];
    findPrefix(join, set);
    const found = candidates(join, set);
    for (let c = 0; c < found; c++) {
      const value = jaccard(sets, join.candidates[c], set, threshold);
      if (value >= 0) pair(join.candidates[c], set, value);
    }
    indexPrefix(join, set);
  }
}

/** Every set kept: what a search begins with. */
export function keepAll(sets: ShingleSets): Survivors {
  const count = sets.offsets.length - 1;
  return { witness: new Int32Array(count).fill(-1), similarity: new Float64Array(count) };
}

interface Join {
  readonly sets: ShingleSets;
  readonly threshold: number;
  readonly counts: Uint8Array;
  readonly postings: Postings;
  readonly prefix: Prefix;
  /** The last set for which each set was met, plus one: a set is a candidate once. */
  readonly metFor: Int32Array;
  readonly candidates: Int32Array;
}

function newJoin(sets: ShingleSets, threshold: number, members: Int32Array): Join {
  const join: Join = {
    sets,
    threshold,
    counts: countShingles(sets, members),
    postings: newPostings(0),
    prefix: newPrefix(),
    metFor: new Int32Array(sets.offsets.length - 1),
    candidates: new Int32Array(members.length),
  };
  return { ...join, postings: newPostings(expectedPostings(join, members)) };
}

/** Postings of every 32nd member, times 32: sizes the table; when it is too low, the table grows. */
function expectedPostings(join: Join, members: Int32Array): number {
  const step = members.length > 4096 ? 32 : 1;
  let total = 0;
  for (let m = 0; m < members.length; m += step) {
    findPrefix(join, members[m]);
    total += join.prefix.size;
  }
  return Math.ceil(total * step * 1.1);
}

function findPrefix({ sets, prefix, counts, threshold }: Join, set: number): void {
  const { values, offsets } = sets;
  fillPrefix(prefix, values, offsets[set], offsets[set + 1], counts, offsets[set], threshold, 2);
}

/**
 * Gathers the indexed sets that share one of the rarest shingles with this one and are neither too small nor too large for it.
 *
 * Tokens come rarest first, so the first one that two sets share bounds what they can share in all: positions behind it, on either side.
 */
function candidates(join: Join, set: number): number {
  const { sets, threshold, postings, prefix, metFor } = join;
  const { offsets } = sets;
  const { cells, heads, mask } = postings;
  const size = offsets[set + 1] - offsets[set];
  const smallest = smallestPartner(size, threshold);
  const mark = set + 1;
  let found = 0;
  for (let i = 0; i < prefix.size; i++) {
    const token = prefix.tokens[i];
    const largest = largestPartner(size, prefix.skipped + i, threshold);
    const frequent = prefix.frequent[i] === 1;
    const lastStep = frequent ? sizeStep(largest) : 0;
    for (let step = frequent ? sizeStep(smallest) : 0; step <= lastStep; step++) {
      for (let at = heads[slotOfSize(token, step, mask)]; at !== 0; at = cells[at + 1]) {
        if (cells[at] !== token) continue;
        const other = cells[at + 2];
        if (metFor[other] === mark) continue;
        metFor[other] = mark;
        if (size > cells[at + 3]) continue;
        const otherSize = offsets[other + 1] - offsets[other];
        if (otherSize < smallest || otherSize > largest) continue;
        join.candidates[found++] = other;
      }
    }
  }
  return found;
}

function indexPrefix(join: Join, set: number): void {
  const { sets, threshold, postings, prefix } = join;
  const size = sets.offsets[set + 1] - sets.offsets[set];
  for (let i = 0; i < prefix.size; i++) {
    const step = prefix.frequent[i] === 1 ? sizeStep(size) : 0;
    addPosting(postings, prefix.tokens[i], step, set, largestPartner(size, prefix.skipped + i, threshold));
  }
}
