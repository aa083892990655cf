// Typed arrays and loops only: every shingle of a corpus is counted here.
import type { ShingleSets } from "../../text/kernels/shingle-sets.ts";

/** A count that stands for itself and for everything above. */
export const MOST_COUNTED = 255;

/** Slots that are counted at a time: they stay in a processor's cache. */
const REGION_BITS = 19;

/**
 * For each value of the listed sets, how often it occurs in them, up to {@link MOST_COUNTED}; 0 for values of other sets.
 *
 * Counted in hashed slots that several shingles may share, at least two slots for each: a count is never too low, so a count of 1 proves a
 * singleton. No dictionary is made; a byte a shingle is what stays, and 4 bytes a shingle while it is counted.
 */
export function countShingles(sets: ShingleSets, members: Int32Array): Uint8Array {
  const { values, offsets } = sets;
  const counts = new Uint8Array(values.length);
  const listed = new Uint8Array(offsets.length - 1);
  let total = 0;
  for (let m = 0; m < members.length; m++) {
    listed[members[m]] = 1;
    total += offsets[members[m] + 1] - offsets[members[m]];
  }
  const bits = slotBits(total);
  if (bits <= REGION_BITS) {
    const slots = countSlots(sets, members, bits);
    for (let set = 0; set < listed.length; set++) if (listed[set] === 1) readInto(counts, sets, set, slots, 32 - bits);
  } else countByRegion(sets, listed, total, bits, counts);
  return counts;
}

/** From two slots a shingle to four, from a thousand to a quarter of a billion. */
function slotBits(shingles: number): number {
  return Math.min(28, Math.max(10, Math.ceil(Math.log2(shingles + 1)) + 1));
}

function readInto(counts: Uint8Array, { values, offsets }: ShingleSets, set: number, slots: Uint8Array, shift: number): void {
  const end: number = offsets[set + 1];
  for (let at: number = offsets[set]; at < end; at++) counts[at] = slots[values[at] >>> shift];
}

/**
 * Lays values out by their region of slots, counts one region after the other, and reads the counts back in the order of the values.
 *
 * Every step walks along arrays or stays in the cache; a single table of all slots would miss it twice for each shingle, at three times the time.
 */
function countByRegion(sets: ShingleSets, listed: Uint8Array, total: number, bits: number, counts: Uint8Array): void {
  const { values, offsets } = sets;
  const regions = 2 ** (bits - REGION_BITS);
  const regionShift = 32 - (bits - REGION_BITS);
  const starts = new Float64Array(regions + 1);
  for (let set = 0; set < listed.length; set++) {
    if (listed[set] === 0) continue;
    const end: number = offsets[set + 1];
    for (let at: number = offsets[set]; at < end; at++) starts[(values[at] >>> regionShift) + 1]++;
  }
  for (let region = 0; region < regions; region++) starts[region + 1] += starts[region];

  const laid = new Int32Array(total);
  const places = Int32Array.from(starts);
  for (let set = 0; set < listed.length; set++) {
    if (listed[set] === 0) continue;
    const end: number = offsets[set + 1];
    for (let at: number = offsets[set]; at < end; at++) {
      const value = values[at];
      laid[places[value >>> regionShift]++] = value;
    }
  }

  const slots = new Uint8Array(2 ** REGION_BITS);
  for (let region = 0; region < regions; region++) countRegion(laid, starts[region], starts[region + 1], slots, 32 - bits);

  for (let region = 0; region < regions; region++) places[region] = starts[region];
  for (let set = 0; set < listed.length; set++) {
    if (listed[set] === 0) continue;
    const end: number = offsets[set + 1];
    for (let at: number = offsets[set]; at < end; at++) counts[at] = laid[places[values[at] >>> regionShift]++];
  }
}

/** Replaces values by their counts. */
function countRegion(laid: Int32Array, start: number, end: number, slots: Uint8Array, shift: number): void {
  const mask = slots.length - 1;
  slots.fill(0);
  for (let at = start; at < end; at++) {
    const slot = (laid[at] >>> shift) & mask;
    const count = slots[slot];
    if (count < MOST_COUNTED) slots[slot] = count + 1;
  }
  for (let at = start; at < end; at++) laid[at] = slots[(laid[at] >>> shift) & mask];
}

/** Counts the shingles of the listed sets in one table of hashed slots: what lies under the first bits of a shingle. */
export function countSlots({ values, offsets }: ShingleSets, members: Int32Array, bits: number): Uint8Array {
  const shift = 32 - bits;
  const slots = new Uint8Array(2 ** bits);
  for (let m = 0; m < members.length; m++) {
    const end: number = offsets[members[m] + 1];
    for (let at: number = offsets[members[m]]; at < end; at++) {
      const slot = values[at] >>> shift;
      const count = slots[slot];
      if (count < MOST_COUNTED) slots[slot] = count + 1;
    }
  }
  return slots;
}

/** Writes the count of each value of one set down. */
export function readSlots(slots: Uint8Array, set: Int32Array, counts: Uint8Array): void {
  const shift = Math.clz32(slots.length - 1);
  for (let i = 0; i < set.length; i++) counts[i] = slots[set[i] >>> shift];
}
