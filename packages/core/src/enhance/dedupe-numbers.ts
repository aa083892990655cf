/** Numbers 64-bit keys in the order they come: equal keys have one number. */
export interface KeyNumbers {
  /** How many different keys there were. */
  readonly count: number;
  /** The number of a key, two 32-bit halves; a new one for a new key. */
  numberOf(a: number, b: number): number;
}

/** Open addressing over typed arrays: a million keys take 16 MB, where a map of strings would take 100. */
export function newKeyNumbers(): KeyNumbers {
  let keys = new Int32Array(2 * FIRST_SLOTS);
  let slots = new Int32Array(2 * FIRST_SLOTS).fill(-1);
  let count = 0;

  return {
    get count() {
      return count;
    },
    numberOf(a, b) {
      const slot = slotOf(a, b);
      const found = slots[slot] ?? -1;
      if (found >= 0) return found;
      keys[2 * count] = a;
      keys[2 * count + 1] = b;
      slots[slot] = count;
      const number = count++;
      if (2 * count === keys.length) grow();
      return number;
    },
  };

  function slotOf(a: number, b: number): number {
    const mask = slots.length - 1;
    let slot = (a ^ Math.imul(b, 0x9e3779b1)) & mask;
    for (let number = slots[slot] ?? -1; number >= 0; number = slots[slot] ?? -1) {
      if (keys[2 * number] === a && keys[2 * number + 1] === b) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Half of the slots stay free. */
  function grow(): void {
    const larger = new Int32Array(2 * keys.length);
    larger.set(keys);
    keys = larger;
    slots = new Int32Array(keys.length).fill(-1);
    for (let number = 0; number < count; number++) slots[slotOf(keys[2 * number] ?? 0, keys[2 * number + 1] ?? 0)] = number;
  }
}

const FIRST_SLOTS = 1_024;
