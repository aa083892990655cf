// Tight loops over typed arrays: words by the 64-bit hash of each, numbered from 0 on, without a string.
import type { Lanes } from "./freshness-words.ts";

/** Open addressing, at most half full; `numbers` holds the word's number plus one, 0 for an empty slot. */
export interface Dictionary {
  count: number;
  first: Int32Array;
  second: Int32Array;
  numbers: Int32Array;
}

/** @param most - Words that fit before it grows. */
export function newDictionary(most = 512): Dictionary {
  const length = 2 ** Math.ceil(Math.log2(Math.max(1024, 2 * most)));
  return { count: 0, first: new Int32Array(length), second: new Int32Array(length), numbers: new Int32Array(length) };
}

/** The number of a word; -1 when it is not known. */
export function findWord(dictionary: Dictionary, first: number, second: number): number {
  return dictionary.numbers[slotOf(dictionary, first, second)] - 1;
}

/** The number of a word, which is a new one when it was not known. */
export function addWord(dictionary: Dictionary, first: number, second: number): number {
  let slot = slotOf(dictionary, first, second);
  const known = dictionary.numbers[slot];
  if (known !== 0) return known - 1;
  if (2 * (dictionary.count + 1) > dictionary.numbers.length) {
    grow(dictionary);
    slot = slotOf(dictionary, first, second);
  }
  put(dictionary, slot, first, second, dictionary.count);
  return dictionary.count++;
}

/** The hashes of the words `from` and later, in the order of their numbers. */
export function wordLanes(dictionary: Dictionary, from: number): Lanes {
  const count = dictionary.count - from;
  const lanes = { count, first: new Int32Array(count), second: new Int32Array(count) };
  for (let slot = 0; slot < dictionary.numbers.length; slot++) {
    const at = dictionary.numbers[slot] - 1 - from;
    if (at < 0) continue;
    lanes.first[at] = dictionary.first[slot];
    lanes.second[at] = dictionary.second[slot];
  }
  return lanes;
}

/**
 * The same words with other numbers.
 *
 * @param numbers - New number by old one; -1 leaves the word out.
 */
export function renumber(dictionary: Dictionary, numbers: Int32Array, count: number): Dictionary {
  const renumbered = newDictionary(count);
  for (let slot = 0; slot < dictionary.numbers.length; slot++) {
    const old = dictionary.numbers[slot] - 1;
    if (old < 0 || numbers[old] < 0) continue;
    const first = dictionary.first[slot];
    const second = dictionary.second[slot];
    put(renumbered, slotOf(renumbered, first, second), first, second, numbers[old]);
  }
  renumbered.count = count;
  return renumbered;
}

function grow(dictionary: Dictionary): void {
  const { first, second, numbers } = dictionary;
  const length = 2 * numbers.length;
  dictionary.first = new Int32Array(length);
  dictionary.second = new Int32Array(length);
  dictionary.numbers = new Int32Array(length);
  for (let slot = 0; slot < numbers.length; slot++) {
    if (numbers[slot] === 0) continue;
    put(dictionary, slotOf(dictionary, first[slot], second[slot]), first[slot], second[slot], numbers[slot] - 1);
  }
}

function put(dictionary: Dictionary, slot: number, first: number, second: number, number: number): void {
  dictionary.first[slot] = first;
  dictionary.second[slot] = second;
  dictionary.numbers[slot] = number + 1;
}

/** Where the word lies, or would lie. */
function slotOf({ first, second, numbers }: Dictionary, x: number, y: number): number {
  const mask = numbers.length - 1;
  let slot = (x ^ (y >>> 7)) & mask;
  while (numbers[slot] !== 0 && (first[slot] !== x || second[slot] !== y)) slot = (slot + 1) & mask;
  return slot;
}
