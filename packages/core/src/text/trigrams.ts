import type { IntegerSet } from "./integer-set.ts";
import { addTo, emptySet, isIn, newIntegerSet } from "./integer-set.ts";

/**
 * Share of word 3-grams that stood in a text before: 0 = all different, near 1 = a loop. Under three words there are none: 0.
 *
 * Linear.
 *
 * @param hashes - Of the words, in order. 3-grams are compared by 32-bit hashes: a very long text may come out a trifle too high.
 */
export function repeatedTrigramShare(hashes: readonly number[]): number {
  if (hashes.length < 3) return 0;
  collect(first, hashes);
  return 1 - first.size / (hashes.length - 2);
}

/**
 * How alike two texts are: 3-grams they have in common over 3-grams of either, 0 to 1. A text of one or two words is one 3-gram; texts
 * without words are like nothing: 0. Linear.
 *
 * @param a - Hashes of the words, in order.
 */
export function trigramSimilarity(a: readonly number[], b: readonly number[]): number {
  collect(first, a);
  const common = collect(second, b, first);
  const all = first.size + second.size - common;
  return all === 0 ? 0 : common / all;
}

/** Kept between texts: making them costs more than using them. */
const first = newIntegerSet();
const second = newIntegerSet();

/** Fills the set with the 3-grams of a text; how many of them are in another set. */
function collect(into: IntegerSet, hashes: readonly number[], other?: IntegerSet): number {
  emptySet(into, hashes.length);
  let common = 0;
  const isShort = hashes.length < 3;
  for (let i = isShort ? hashes.length - 1 : 2; i < hashes.length && i >= 0; i++) {
    const trigram = mix(hashes[i - 2] ?? 0, hashes[i - 1] ?? 0, hashes[i] ?? 0);
    if (addTo(into, trigram) && other !== undefined && isIn(other, trigram)) common++;
  }
  return common;
}

function mix(a: number, b: number, c: number): number {
  const one = Math.imul(a ^ (a >>> 15), 0x85ebca6b) + b;
  const two = Math.imul(one ^ (one >>> 13), 0xc2b2ae35) + c;
  const three = Math.imul(two ^ (two >>> 16), 0x27d4eb2f);
  return three ^ (three >>> 15);
}
