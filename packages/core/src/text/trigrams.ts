import { words } from "./words.ts";

/**
 * Share of word 3-grams that stood in a text before: 0 = all different, near 1 = a loop. Under three words there are none: 0.
 *
 * @param hashes - Of the words, in order; 3-grams are compared by 32-bit hashes, so a very long text may come out a trifle too high.
 */
export function repeatedTrigramShare(hashes: readonly number[]): number {
  const total = hashes.length - 2;
  if (total <= 0) return 0;
  makeRoom(total);
  const own = ++textNumber;
  const mask = slots.length - 1;
  let distinct = 0;
  let [before, last] = [hashes[0] ?? 0, hashes[1] ?? 0];
  for (let i = 2; i < hashes.length; i++) {
    const next = hashes[i] ?? 0;
    const hash = mix(before, last, next);
    let slot = hash & mask;
    while (writtenFor[slot] === own && slots[slot] !== hash) slot = (slot + 1) & mask;
    if (writtenFor[slot] !== own) {
      slots[slot] = hash;
      writtenFor[slot] = own;
      distinct++;
    }
    before = last;
    last = next;
  }
  return 1 - distinct / total;
}

/** The different word 3-grams of a text; of fewer than three words all of them together, of none the empty set. */
export function wordTrigrams(text: string): ReadonlySet<string> {
  const list = words(text);
  if (list.length === 0) return new Set();
  if (list.length < 3) return new Set([list.join(" ")]);
  return new Set(Array.from({ length: list.length - 2 }, (_, i) => list.slice(i, i + 3).join(" ")));
}

/** Members in both sets over members in either; 0 when both are empty. */
export function jaccard<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  let common = 0;
  for (const member of a) if (b.has(member)) common++;
  const all = a.size + b.size - common;
  return all === 0 ? 0 : common / all;
}

function mix(a: number, b: number, c: number): number {
  const first = Math.imul(a ^ (a >>> 15), 0x85ebca6b) + b;
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35) + c;
  const third = Math.imul(second ^ (second >>> 16), 0x27d4eb2f);
  return third ^ (third >>> 15);
}

/** Open addressing on arrays that are kept between texts; a slot counts as empty unless it was written for this text. */
let slots = new Int32Array(1 << 9);
let writtenFor = new Float64Array(1 << 9);
let textNumber = 0;

function makeRoom(expected: number): void {
  if (slots.length >= 2 * expected) return;
  const size = 2 ** Math.ceil(Math.log2(2 * expected));
  slots = new Int32Array(size);
  writtenFor = new Float64Array(size);
}
