/**
 * A set of 32-bit integers that is emptied without clearing it and used again for the next text.
 *
 * Open addressing; a slot counts as empty unless it was written since the set was last emptied. Numbers should be spread like hashes. A
 * record and functions, not an object with methods: 50 numbers are added in 0.15 µs instead of 0.4.
 */
export interface IntegerSet {
  size: number;
  slots: Int32Array;
  writtenIn: Float64Array;
  mask: number;
  turn: number;
}

export function newIntegerSet(): IntegerSet {
  const length = 1 << 9;
  return { size: 0, slots: new Int32Array(length), writtenIn: new Float64Array(length), mask: length - 1, turn: 1 };
}

/** Empties the set and makes room. */
export function emptySet(set: IntegerSet, mostMembers: number): void {
  if (set.slots.length < 2 * mostMembers) {
    const length = 2 ** Math.ceil(Math.log2(2 * mostMembers));
    set.slots = new Int32Array(length);
    set.writtenIn = new Float64Array(length);
    set.mask = length - 1;
  }
  set.turn++;
  set.size = 0;
}

/** True when the number was not in the set. */
export function addTo(set: IntegerSet, value: number): boolean {
  const { slots, writtenIn, turn } = set;
  const slot = slotOf(set, value);
  if (writtenIn[slot] === turn) return false;
  slots[slot] = value;
  writtenIn[slot] = turn;
  set.size++;
  return true;
}

export function isIn(set: IntegerSet, value: number): boolean {
  return set.writtenIn[slotOf(set, value)] === set.turn;
}

/** Where the number lies, or would lie. */
function slotOf({ slots, writtenIn, mask, turn }: IntegerSet, value: number): number {
  let slot = (value ^ (value >>> 15)) & mask;
  while (writtenIn[slot] === turn && slots[slot] !== value) slot = (slot + 1) & mask;
  return slot;
}
