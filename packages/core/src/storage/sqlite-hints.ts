/** Row numbers by a 32-bit key, about 20 bytes a row. Keys of several rows may be equal, so a find is to be checked. */
export interface Hints {
  add(key: number, n: number): void;
  /** Newest first. */
  find(key: number): Generator<number, void, undefined>;
}

const NONE = -1;

/** Makes an empty table that doubles when it is full. */
export function createHints(): Hints {
  let capacity = 1_024;
  let count = 0;
  let heads = new Int32Array(capacity).fill(NONE);
  let keys = new Int32Array(capacity);
  let rows = new Float64Array(capacity);
  let nexts = new Int32Array(capacity);

  return { add, find };

  function add(key: number, n: number): void {
    if (count === capacity) grow();
    keys[count] = key | 0;
    rows[count] = n;
    link(count++);
  }

  function* find(key: number): Generator<number, void, undefined> {
    for (let i = heads[slotOf(key | 0)] ?? NONE; i !== NONE; i = nexts[i] ?? NONE) {
      const n = rows[i];
      if (keys[i] === (key | 0) && n !== undefined) yield n;
    }
  }

  function link(i: number): void {
    const slot = slotOf(keys[i] ?? 0);
    nexts[i] = heads[slot] ?? NONE;
    heads[slot] = i;
  }

  /** Multiplied by 2^32 over the golden ratio, so that keys that differ only above do not meet. */
  function slotOf(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> 0) & (capacity - 1);
  }

  function grow(): void {
    capacity *= 2;
    keys = copyOf(keys, new Int32Array(capacity));
    rows = copyOf(rows, new Float64Array(capacity));
    nexts = new Int32Array(capacity);
    heads = new Int32Array(capacity).fill(NONE);
    for (let i = 0; i < count; i++) link(i);
  }
}

/** FNV-1a over UTF-16 units. @see {@link http://www.isthe.com/chongo/tech/comp/fnv/} */
export function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

function copyOf<Values extends Int32Array | Float64Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
