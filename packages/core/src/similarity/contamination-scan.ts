import { wordHashes } from "../text/word-hashes.ts";
import type { ItemIndex } from "./contamination-index.ts";
import { runHash, runPower, SHORTEST_ITEM_WORDS, slideHash, WHOLE_SHARE } from "./contamination-index.ts";

/** A text that is trained on. */
export interface TrainingText {
  readonly id: string;
  readonly text: string;
}

/** Words that an item and a training text have in common, in a row. */
export interface Match {
  readonly item: number;
  /** The number of the text, in the order they were looked at. */
  readonly text: number;
  /** Where it begins among the words of all items. */
  readonly start: number;
  readonly length: number;
}

/** All that a search has seen. */
export interface Seen {
  readonly index: ItemIndex;
  readonly textIds: readonly string[];
  readonly matches: readonly Match[];
  /** In how many texts each seed stands. */
  readonly seedTexts: Int32Array;
  /** In how many texts each short item stands as a whole. */
  readonly shortTexts: Int32Array;
}

/** Goes through training texts, one by one. */
export interface Scan {
  look(example: TrainingText): void;
  /** Grows with every text. */
  readonly seen: Seen;
}

/** Prepares a scan for items; what stands in more than `commonTexts` texts begins no match from then on. */
export function createScan(index: ItemIndex, commonTexts: number): Scan {
  const textIds: string[] = [];
  const matches: Match[] = [];
  const seedTexts = new Int32Array(index.seeds.count());
  const lastText = new Int32Array(index.seeds.count()).fill(-1);
  const shortTexts = new Int32Array(index.items.length);
  const lastShort = new Int32Array(index.items.length).fill(-1);
  const seen: Seen = { index, textIds, matches, seedTexts, shortTexts };
  const [seedPower, shortPower] = [runPower(index.seeds.width), runPower(index.shorts.width)];
  /** How far the words are compared already, for each distance between text and items. */
  const compared = new Map<number, number>();

  return {
    look({ id, text }) {
      const said = wordHashes(text);
      textIds.push(id);
      if (index.shorts.count() > 0) findShorts(said);
      if (index.seeds.count() > 0) findSeeds(said);
    },
    seen,
  };

  function findSeeds(said: readonly number[]): void {
    const { seeds, numbersAt } = index;
    const { width } = seeds;
    compared.clear();
    let hash = runHash(said, 0, Math.min(width, said.length));
    for (let at = 0; at + width <= said.length; at++) {
      if (at > 0) hash = slideHash(hash, said[at - 1] ?? 0, said[at + width - 1] ?? 0, seedPower);
      const seed = seeds.find(hash, said, at);
      if (seed < 0) continue;
      countOnce(seed);
      const isExcluded = (seedTexts[seed] ?? 0) > commonTexts || numbersAt[seeds.first(seed)] === 1;
      for (let place = seeds.first(seed); place >= 0; place = seeds.next(place)) {
        if (isExcluded && index.anchorAt[place] !== 1) continue;
        if (at < (compared.get(at - place) ?? 0)) continue;
        extend(said, at, place);
      }
    }
  }

  function countOnce(seed: number): void {
    if (lastText[seed] === textIds.length) return;
    lastText[seed] = textIds.length;
    seedTexts[seed] = (seedTexts[seed] ?? 0) + 1;
  }

  /** From a seed on to both sides, as far as text and item say the same. */
  function extend(said: readonly number[], at: number, place: number): void {
    const item = index.itemOf[place] ?? 0;
    const [begin, end] = [index.starts[item] ?? 0, index.starts[item + 1] ?? 0];
    let [from, to] = [place, place + index.seeds.width];
    while (from > begin && at - place + from > 0 && index.words[from - 1] === said[at - place + from - 1]) from--;
    while (to < end && at - place + to < said.length && index.words[to] === said[at - place + to]) to++;
    compared.set(at - place, at - place + to - index.seeds.width + 1);
    const match = { item, text: textIds.length - 1, start: from, length: to - from };
    // What is common only gets more so: what proves nothing now never will.
    if (proves(seen, match, commonTexts)) matches.push(match);
  }

  function findShorts(said: readonly number[]): void {
    const { shorts, starts } = index;
    let hash = runHash(said, 0, Math.min(shorts.width, said.length));
    for (let at = 0; at + SHORTEST_ITEM_WORDS <= said.length; at++) {
      if (at > 0) hash = slideHash(hash, said[at - 1] ?? 0, said[at + shorts.width - 1] ?? 0, shortPower);
      const gram = shorts.find(hash, said, at);
      if (gram < 0) continue;
      for (let start = shorts.first(gram); start >= 0; start = shorts.next(start)) {
        const item = index.itemOf[start] ?? 0;
        const length = (starts[item + 1] ?? 0) - start;
        if (lastShort[item] === textIds.length || !says(said, at, start, length)) continue;
        lastShort[item] = textIds.length;
        shortTexts[item] = (shortTexts[item] ?? 0) + 1;
        const match = { item, text: textIds.length - 1, start, length };
        if (proves(seen, match, commonTexts)) matches.push(match);
      }
    }
  }

  function says(said: readonly number[], at: number, start: number, length: number): boolean {
    if (at + length > said.length) return false;
    for (let i = SHORTEST_ITEM_WORDS; i < length; i++) if (said[at + i] !== index.words[start + i]) return false;
    return true;
  }
}

/** True for a match that holds words which are no numbers and not common; of most of an item, common words will do. */
export function proves({ index, seedTexts, shortTexts }: Seen, { item, start, length }: Match, commonTexts: number): boolean {
  if (index.seeds.at(start) < 0) return (shortTexts[item] ?? 0) <= commonTexts;
  const isWhole = length / ((index.starts[item + 1] ?? 0) - (index.starts[item] ?? 0)) >= WHOLE_SHARE;
  for (let place = start; place + index.seeds.width <= start + length; place++) {
    if (index.numbersAt[place] === 0 && (isWhole || (seedTexts[index.seeds.at(place)] ?? 0) <= commonTexts)) return true;
  }
  return false;
}
