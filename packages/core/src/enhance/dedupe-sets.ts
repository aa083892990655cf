import { sha256Half } from "../text/hash.ts";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";

/** Shingle sets of texts that come batch by batch. */
export interface SetGathering {
  /**
   * Adds the sets of a batch; they are copied.
   *
   * @param groups - One a set: sets of different groups share nothing from then on, sets of one group what they shared before.
   */
  add(sets: ShingleSets, groups: readonly string[]): void;
  /** All sets in the order they came. */
  finish(): ShingleSets;
}

export interface SetGatheringOptions {
  /** How many sets there will be at most. */
  readonly most: number;
  /** Smaller sets are left empty. @defaultValue 0 */
  readonly leastSize?: number;
}

/** Gathers sets in one array that is made as large as the first batches foretell. */
export function newSetGathering({ most, leastSize = 0 }: SetGatheringOptions): SetGathering {
  // In shared memory, since another thread compares them.
  const offsets = new Float64Array(new SharedArrayBuffer(8 * (most + 1)));
  let values = new Int32Array(new SharedArrayBuffer(0));
  let count = 0;

  return {
    add(sets, groups) {
      makeRoom((offsets[count] ?? 0) + sets.values.length, count + groups.length);
      for (const [set, group] of groups.entries()) {
        const own = sets.values.subarray(sets.offsets[set] ?? 0, sets.offsets[set + 1] ?? 0);
        const at = offsets[count] ?? 0;
        if (own.length >= leastSize) writeShifted(values, at, own, groupShift(group));
        offsets[++count] = at + (own.length >= leastSize ? own.length : 0);
      }
    },
    finish: () => ({ values: values.subarray(0, offsets[count] ?? 0), offsets: offsets.subarray(0, count + 1) }),
  };

  /** Pages that are never written take no memory, so there may be more room than is needed. */
  function makeRoom(needed: number, sets: number): void {
    if (needed <= values.length) return;
    const foretold = (needed / Math.max(1, sets)) * most * 1.1;
    const larger = new Int32Array(new SharedArrayBuffer(4 * Math.ceil(Math.max(needed, Math.min(foretold, 4 * needed + FIRST_ROOM)))));
    larger.set(values.subarray(0, offsets[count] ?? 0));
    values = larger;
  }
}

const FIRST_ROOM = 1 << 20;

/** Adds a number to every shingle. Those that pass the largest number begin anew at the smallest: written first, all ascend again. */
function writeShifted(values: Int32Array, at: number, set: Int32Array, shift: number): void {
  const last = 2 ** 31 - 1 - shift;
  let wrap = set.length;
  while (wrap > 0 && (set[wrap - 1] ?? 0) > last) wrap--;
  let to = at;
  for (let i = wrap; i < set.length; i++) values[to++] = (set[i] ?? 0) + shift;
  for (let i = 0; i < wrap; i++) values[to++] = (set[i] ?? 0) + shift;
}

/** A number of 32 bits, 0 or more, that moves the shingles of a group away from those of all others; the same in every run. */
export function groupShift(group: string): number {
  const known = shifts.get(group);
  if (known !== undefined) return known;
  const shift = Buffer.from(sha256Half(group)).readUInt32LE();
  if (shifts.size >= MOST_KNOWN) shifts.clear();
  shifts.set(group, shift);
  return shift;
}

const shifts = new Map<string, number>();
const MOST_KNOWN = 10_000;
