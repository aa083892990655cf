import { wordHashes } from "../text/word-hashes.ts";
import { words } from "../text/words.ts";

/** A question of a benchmark together with its answer. */
export interface BenchmarkItem {
  readonly id: string;
  readonly text: string;
}

/** Words of a seed: where an item and a text may have more in common. */
export const SEED_WORDS = 8;
/** Items with fewer words match as a whole. */
export const WHOLE_BELOW_WORDS = 13;
/** Items with fewer words say nothing that others would not say as well. */
export const SHORTEST_ITEM_WORDS = 5;
/** A match of common words alone counts from this share of the item on. */
export const WHOLE_SHARE = 0.8;

/**
 * Benchmark items as numbers, laid end to end: word `p` of all of them belongs to item `itemOf[p]`.
 *
 * Every run of {@link SEED_WORDS} words of a long item is a seed, which costs 24 bytes a word. Keeping one seed in six, as winnowing does,
 * finds all matches of 13 words, but not those of 8 to 12 of which an item with a changed word here and there consists.
 */
export interface ItemIndex {
  readonly items: readonly BenchmarkItem[];
  readonly words: Int32Array;
  readonly itemOf: Int32Array;
  /** Item `i` is `words[starts[i] .. starts[i + 1])`. */
  readonly starts: Int32Array;
  /** Items that nothing can be said of. */
  readonly unchecked: ReadonlyMap<number, "too-short" | "numbers">;
  /** Seeds of long items; a gram of 5 words stands for each short one. */
  readonly seeds: Grams;
  readonly shorts: Grams;
  /** 1 where the seed that begins here is numbers alone. */
  readonly numbersAt: Uint8Array;
  /** 1 where a seed begins that every match of {@link WHOLE_SHARE} of its item covers: excluded seeds are followed from there only. */
  readonly anchorAt: Uint8Array;
}

/** Lays out and indexes items; memory and time are linear in their words. */
export function indexItems(given: Iterable<BenchmarkItem>): ItemIndex {
  const items = [...given];
  const numbers = numberHashes(items);
  const hashes = items.map(({ text }) => wordHashes(text));
  const starts = new Int32Array(items.length + 1);
  for (const [i, list] of hashes.entries()) starts[i + 1] = (starts[i] ?? 0) + list.length;
  const total = starts[items.length] ?? 0;
  const laid = new Int32Array(total);
  const itemOf = new Int32Array(total);
  for (const [i, list] of hashes.entries()) {
    laid.set(list, starts[i]);
    itemOf.fill(i, starts[i], starts[i + 1]);
  }
  const unchecked = new Map<number, "too-short" | "numbers">();
  const numbersAt = new Uint8Array(total);
  const anchorAt = new Uint8Array(total);
  const seeds = createGrams(laid, SEED_WORDS);
  const shorts = createGrams(laid, SHORTEST_ITEM_WORDS);
  for (const [i, list] of hashes.entries()) {
    const start = starts[i] ?? 0;
    if (list.length < SHORTEST_ITEM_WORDS) unchecked.set(i, "too-short");
    else if (list.every((word) => numbers.has(word))) unchecked.set(i, "numbers");
    else if (list.length < WHOLE_BELOW_WORDS) shorts.add(start);
    else {
      const middle = start + Math.floor((list.length - SEED_WORDS) / 2);
      anchorAt[middle] = 1;
      let since = 0;
      for (let p = start; p < start + list.length; p++) {
        since = numbers.has(laid[p] ?? 0) ? since + 1 : 0;
        const begin = p - SEED_WORDS + 1;
        if (begin < start) continue;
        numbersAt[begin] = Number(since >= SEED_WORDS);
        seeds.add(begin);
      }
    }
  }
  return { items, words: laid, itemOf, starts, unchecked, seeds, shorts, numbersAt, anchorAt };
}

/** Runs of words of one length, each known by a number, with all the places where it begins. */
export interface Grams {
  readonly width: number;
  /** How many different ones there are. */
  readonly count: () => number;
  add(place: number): void;
  /** The number of the run that these words are; -1 where it is none. */
  find(hash: number, words: ArrayLike<number>, at: number): number;
  /** The first place of a run; further ones follow by {@link Grams.next}; -1 ends them. */
  first(gram: number): number;
  next(place: number): number;
  /** The run that begins at a place; -1 where none was added. */
  at(place: number): number;
}

/** Hashes a run of words; {@link slideHash} moves it on by a word. */
export function runHash(words: ArrayLike<number>, at: number, width: number): number {
  let hash = 0;
  for (let i = at; i < at + width; i++) hash = (Math.imul(hash, BASE) + (words[i] ?? 0)) | 0;
  return hash;
}

/** The hash of the run one word further on. @param power - {@link runPower} of its width. */
export function slideHash(hash: number, leaving: number, entering: number, power: number): number {
  return (Math.imul((hash - Math.imul(leaving, power)) | 0, BASE) + entering) | 0;
}

/** What the first word of a run of this width is multiplied by in its hash. */
export function runPower(width: number): number {
  let power = 1;
  for (let i = 1; i < width; i++) power = Math.imul(power, BASE);
  return power;
}

const BASE = 0x9e3779b1 | 0;

/** Open addressing over places; what has the same hash is compared word by word. */
function createGrams(laid: Int32Array, width: number): Grams {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * laid.length + 2))).fill(-1);
  const mask = slots.length - 1;
  const gramAt = new Int32Array(laid.length).fill(-1);
  const nextAt = new Int32Array(laid.length).fill(-1);
  const firsts: number[] = [];
  const lasts: number[] = [];

  const slotOf = (hash: number, words: ArrayLike<number>, at: number): number => {
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let gram = slots[slot] ?? -1; gram >= 0 && !isRun(gram, words, at); gram = slots[slot] ?? -1) slot = (slot + 1) & mask;
    return slot;
  };
  const isRun = (gram: number, words: ArrayLike<number>, at: number): boolean => {
    const place = firsts[gram] ?? 0;
    for (let i = 0; i < width; i++) if (laid[place + i] !== words[at + i]) return false;
    return true;
  };

  return {
    width,
    count: () => firsts.length,
    add(place) {
      const slot = slotOf(runHash(laid, place, width), laid, place);
      const known = slots[slot] ?? -1;
      const gram = known < 0 ? firsts.length : known;
      gramAt[place] = gram;
      if (known < 0) {
        slots[slot] = gram;
        firsts.push(place);
        lasts.push(place);
      } else {
        nextAt[lasts[gram] ?? 0] = place;
        lasts[gram] = place;
      }
    },
    find: (hash, words, at) => slots[slotOf(hash, words, at)] ?? -1,
    first: (gram) => firsts[gram] ?? -1,
    next: (place) => nextAt[place] ?? -1,
    at: (place) => gramAt[place] ?? -1,
  };
}

/** The hashes of words that are numbers. */
function numberHashes(items: readonly BenchmarkItem[]): ReadonlySet<number> {
  const found = new Set(items.flatMap(({ text }) => words(text).filter((word) => /^\p{N}+$/u.test(word))));
  return new Set([...found].flatMap((word) => wordHashes(word)));
}
