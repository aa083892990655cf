/** A set of 32-bit integers that is emptied without clearing it and used again for the next text. */
export interface IntegerSet {
  readonly size: number;
  /** Empties the set and makes room. */
  begin(mostMembers: number): void;
  /** True when the number was not in the set. */
  add(value: number): boolean;
  has(value: number): boolean;
}

/** Open addressing; a slot counts as empty unless it was written since the set was last emptied. Numbers should be spread like hashes. */
export function newIntegerSet(): IntegerSet {
  let slots = new Int32Array(1 << 9);
  let writtenIn = new Float64Array(1 << 9);
  let mask = slots.length - 1;
  let turn = 1;
  let size = 0;

  const find = (value: number): number => {
    let slot = (value ^ (value >>> 15)) & mask;
    while (writtenIn[slot] === turn && slots[slot] !== value) slot = (slot + 1) & mask;
    return slot;
  };
  return {
    get size() {
      return size;
    },
    begin(mostMembers) {
      if (slots.length < 2 * mostMembers) {
        const length = 2 ** Math.ceil(Math.log2(2 * mostMembers));
        slots = new Int32Array(length);
        writtenIn = new Float64Array(length);
        mask = length - 1;
      }
      turn++;
      size = 0;
    },
    add(value) {
      const slot = find(value);
      if (writtenIn[slot] === turn) return false;
      slots[slot] = value;
      writtenIn[slot] = turn;
      size++;
      return true;
    },
    has: (value) => writtenIn[find(value)] === turn,
  };
}
