// Typed arrays and loops only: candidates out of banded sketches, every one of them verified.
import type { ShingleSets } from "../../text/kernels/shingle-sets.ts";
import { jaccard } from "./jaccard.ts";
import { keepAll, survivors } from "./join.ts";
import type { Survivors } from "./join.ts";

/** What one key is shared by more sets than this is not compared pair by pair. */
const MOST_COMPARED = 64;
/** Sets whose keys are looked at together: their table stays in a processor's cache. */
const PART_SETS = 8192;
const PART_SLOTS = 1 << 14;

/**
 * Survivors among the sets that share a band with another one: the greedy rule with exact similarities inside each component.
 *
 * Components only say what need not be compared. A pair that is not found is one that shares no band and no component, so every dropped
 * set has an exact witness, and joining too much costs time but changes nothing.
 *
 * @param keys - One key a band for each set, column-major: `keys[band * count + set]`.
 * @param members - Sets in survivor order, best first; empty ones may be among them.
 * @param done - Holds the part of the members that corresponds to the bands behind, for another thread to read.
 */
export function bandedSurvivors(
  sets: ShingleSets,
  keys: Int32Array,
  bands: number,
  threshold: number,
  members: Int32Array,
  done: Int32Array = new Int32Array(1),
): Survivors {
  const found = keepAll(sets);
  const parents = components(sets, keys, bands, threshold, members, done);
  const sizes = new Int32Array(parents.length);
  for (let m = 0; m < members.length; m++) sizes[rootOf(parents, members[m])]++;
  const crowded = keepGreedily(sets, threshold, members, parents, sizes, found);
  // In a large component a walk along all that were kept would be quadratic: there the exact join decides.
  if (crowded.length > 0) survivors(sets, threshold, crowded, found);
  return found;
}

/** The greedy rule inside components of up to {@link MOST_COMPARED} sets; gives back the members of larger ones, in order. */
function keepGreedily(
  sets: ShingleSets,
  threshold: number,
  members: Int32Array,
  parents: Int32Array,
  sizes: Int32Array,
  { witness, similarity }: Survivors,
): Int32Array {
  // Kept sets of a component form a chain in the order in which they were kept; 0 ends it.
  const firstKept = new Int32Array(parents.length);
  const lastKept = new Int32Array(parents.length);
  const nextKept = new Int32Array(parents.length);
  const crowded = new Int32Array(members.length);
  let crowd = 0;
  for (let m = 0; m < members.length; m++) {
    const set = members[m];
    const root = rootOf(parents, set);
    if (sizes[root] === 1) continue;
    if (sizes[root] > MOST_COMPARED) {
      crowded[crowd++] = set;
      continue;
    }
    let best = -1;
    let by = -1;
    for (let kept = firstKept[root]; kept !== 0; kept = nextKept[kept - 1]) {
      const value = jaccard(sets, kept - 1, set, best > threshold ? best : threshold);
      if (value > best) {
        best = value;
        by = kept - 1;
      }
    }
    if (by >= 0) {
      witness[set] = by;
      similarity[set] = best;
      continue;
    }
    if (firstKept[root] === 0) firstKept[root] = set + 1;
    else nextKept[lastKept[root] - 1] = set + 1;
    lastKept[root] = set + 1;
  }
  return crowded.slice(0, crowd);
}

/** Joins sets that share a band and reach the threshold. */
function components(
  sets: ShingleSets,
  keys: Int32Array,
  bands: number,
  threshold: number,
  members: Int32Array,
  done: Int32Array,
): Int32Array {
  const { offsets } = sets;
  const count = offsets.length - 1;
  const parents = new Int32Array(count);
  for (let set = 0; set < count; set++) parents[set] = set;
  const filled = members.filter((set) => offsets[set] < offsets[set + 1]);
  const partBits = Math.max(0, Math.ceil(Math.log2(filled.length / PART_SETS)));
  const partKeys = new Int32Array(filled.length);
  const partSets = new Int32Array(filled.length);
  const bucket: Bucket = {
    heads: new Int32Array(PART_SLOTS),
    next: new Int32Array(filled.length),
    last: new Int32Array(filled.length),
    follows: new Int32Array(filled.length),
    members: new Int32Array(filled.length),
  };
  for (let band = 0; band < bands; band++) {
    done[0] = Math.floor((members.length * band) / bands);
    const starts = partition(keys.subarray(band * count, (band + 1) * count), filled, partBits, partKeys, partSets);
    for (let part = 0; part + 1 < starts.length; part++) {
      joinPart(sets, threshold, parents, bucket, partKeys, partSets, starts[part], starts[part + 1]);
    }
  }
  return parents;
}

/** Lays keys and sets out by the first bits of the key; gives back where each part begins, and the end. */
function partition(keys: Int32Array, members: Int32Array, bits: number, partKeys: Int32Array, partSets: Int32Array): Int32Array {
  const parts = 1 << bits;
  const starts = new Int32Array(parts + 1);
  // A shift by 32 would be a shift by 0.
  const partOf = bits === 0 ? 31 : 32 - bits;
  const whole = bits === 0 ? 0 : -1;
  for (let m = 0; m < members.length; m++) starts[((keys[members[m]] & whole) >>> partOf) + 1]++;
  for (let part = 0; part < parts; part++) starts[part + 1] += starts[part];
  const places = starts.slice();
  for (let m = 0; m < members.length; m++) {
    const key = keys[members[m]];
    const place = places[(key & whole) >>> partOf]++;
    partKeys[place] = key;
    partSets[place] = members[m];
  }
  return starts;
}

/** Buckets of one part: chains of places in `partKeys`, each place plus one, 0 ends a chain. */
interface Bucket {
  readonly heads: Int32Array;
  /** From the first place of one bucket to the first of another in the same slot. */
  readonly next: Int32Array;
  /** Of the first place of a bucket: its last one; 0 of the others. */
  readonly last: Int32Array;
  /** From one place to the next with the same key. */
  readonly follows: Int32Array;
  readonly members: Int32Array;
}

function joinPart(
  sets: ShingleSets,
  threshold: number,
  parents: Int32Array,
  bucket: Bucket,
  partKeys: Int32Array,
  partSets: Int32Array,
  start: number,
  end: number,
): void {
  const { heads, next, last, follows, members } = bucket;
  heads.fill(0);
  for (let place = start; place < end; place++) {
    const key = partKeys[place];
    const slot = (key ^ (key >>> 15)) & (PART_SLOTS - 1);
    let first = heads[slot];
    while (first !== 0 && partKeys[first - 1] !== key) first = next[first - 1];
    follows[place] = 0;
    if (first === 0) {
      next[place] = heads[slot];
      heads[slot] = place + 1;
      last[place] = place + 1;
    } else {
      follows[last[first - 1] - 1] = place + 1;
      last[first - 1] = place + 1;
      last[place] = 0;
    }
  }
  for (let first = start; first < end; first++) {
    if (last[first] === 0 || follows[first] === 0) continue;
    let size = 0;
    for (let place = first + 1; place !== 0; place = follows[place - 1]) members[size++] = partSets[place - 1];
    joinBucket(sets, threshold, parents, members, size);
  }
}

/** Joins the sets of one bucket: pair by pair where they are few, all of them unseen where they are many. */
function joinBucket(sets: ShingleSets, threshold: number, parents: Int32Array, members: Int32Array, size: number): void {
  if (size > MOST_COMPARED) {
    for (let m = 1; m < size; m++) unite(parents, members[0], members[m]);
    return;
  }
  for (let m = 1; m < size; m++) {
    for (let n = 0; n < m; n++) {
      if (rootOf(parents, members[m]) === rootOf(parents, members[n])) continue;
      if (jaccard(sets, members[m], members[n], threshold) >= 0) unite(parents, members[m], members[n]);
    }
  }
}

function rootOf(parents: Int32Array, set: number): number {
  let at = set;
  while (parents[at] !== at) {
    parents[at] = parents[parents[at]];
    at = parents[at];
  }
  return at;
}

function unite(parents: Int32Array, first: number, second: number): void {
  const a = rootOf(parents, first);
  const b = rootOf(parents, second);
  if (a < b) parents[b] = a;
  else parents[a] = b;
}
