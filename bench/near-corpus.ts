import { closeSync, openSync, writeSync } from "node:fs";
import { randomFrom } from "../packages/core/src/similarity/test-near.ts";

/**
 * Writes JSON Lines of made-up texts of which 15 % are near-duplicates of an earlier one; the same for the same numbers.
 *
 * Words follow Zipf's law, some come in fixed phrases. Planted duplicates have a Jaccard similarity of word 3-grams spread evenly over 0.5
 * to 1, and one in seven is an exact copy. 52 words make a record of 310 characters of text, 520 one of 3 100.
 */
export function writeCorpus(path: string, records: number, meanWords: number): void {
  const random = randomFrom(meanWords < 100 ? 11 : 12);
  const language = makeLanguage(random);
  const earlier: number[][] = [];
  const file = openSync(path, "w");
  let lines: string[] = [];
  for (let record = 0; record < records; record++) {
    let words: number[];
    if (earlier.length > 0 && record > 1000 && random() < 0.15) {
      words = editedCopy(
        earlier[Math.floor(random() * earlier.length)] ?? [],
        random() < 0.15 ? 1 : 0.5 + random() * 0.5,
        language,
        random,
      );
    } else {
      words = makeText(Math.max(8, Math.round(meanWords * Math.exp((random() + random() + random() - 1.5) * 0.5))), language, random);
      if (earlier.length < MOST_ORIGINALS) earlier.push(words);
      else if (random() < 0.3) earlier[Math.floor(random() * earlier.length)] = words;
    }
    lines.push(`${JSON.stringify(recordOf(record, render(words, language, random), random))}\n`);
    if (lines.length < 5000) continue;
    writeSync(file, lines.join(""));
    lines = [];
  }
  writeSync(file, lines.join(""));
  closeSync(file);
}

const MOST_ORIGINALS = 60_000;
const VOCABULARY = 120_000;
const PHRASES = 20_000;

interface Language {
  readonly words: readonly string[];
  readonly phrases: readonly (readonly number[])[];
  /** A word, frequent ones more often. */
  readonly word: () => number;
  readonly phrase: () => number;
}

function makeLanguage(random: () => number): Language {
  const known = new Set<string>();
  while (known.size < VOCABULARY) known.add(makeWord(random));
  const word = zipf(VOCABULARY, 1.12, random);
  const phrases = Array.from({ length: PHRASES }, () => Array.from({ length: 2 + Math.floor(random() * 3) }, word));
  return { words: [...known], phrases, word, phrase: zipf(PHRASES, 1, random) };
}

function makeWord(random: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? "";
  const syllables = 1 + Math.floor(random() * 2.6);
  return Array.from({ length: syllables }, () => pick(ONSETS) + pick(VOWELS) + (random() < 0.4 ? pick(CODAS) : "")).join("");
}

const ONSETS = "b c d f g h j k l m n p r s t v w z ch sh th st tr pr br cl gr pl sp".split(" ");
const VOWELS = "a e i o u ai ea ou io ee".split(" ");
const CODAS = "n r s t l m nd st ck ng x p d".split(" ");

/** Numbers from 0, the lower ones more often: 1 / (rank + 2.7) to the power of `exponent`. */
function zipf(count: number, exponent: number, random: () => number): () => number {
  const sums = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) {
    total += 1 / (rank + 2.7) ** exponent;
    sums[rank] = total;
  }
  return () => {
    const drawn = random() * total;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function makeText(length: number, { word, phrase, phrases }: Language, random: () => number): number[] {
  const text: number[] = [];
  while (text.length < length) {
    if (random() < 0.12) text.push(...(phrases[phrase()] ?? []));
    else text.push(word());
  }
  text.length = length;
  return text;
}

/** Substitutes runs of words, inserts and removes some, until about as many word 3-grams are gone as the similarity asks for. */
function editedCopy(original: readonly number[], similarity: number, { word }: Language, random: () => number): number[] {
  const grams = original.length - 2;
  const wanted = Math.round((grams * (1 - similarity)) / (1 + similarity));
  const text = [...original];
  let broken = 0;
  while (broken < wanted) {
    const left = wanted - broken;
    const kind = random();
    if (left < 3) {
      // An edit at the end breaks fewer 3-grams than one in the middle.
      for (let i = 0; i < left; i++) text[text.length - 1 - i] = word();
      broken += left;
      continue;
    }
    const run = kind < 0.6 ? 1 : Math.max(1, Math.min(left - 2, 1 + Math.floor(random() * 8)));
    const at = 3 + Math.floor(random() * Math.max(1, text.length - run - 6));
    if (kind < 0.8) {
      for (let i = 0; i < run; i++) text[at + i] = word();
      broken += run + 2;
    } else if (kind < 0.9) {
      text.splice(at, 0, word());
      broken += 2;
    } else {
      text.splice(at, 1);
      broken += 3;
    }
  }
  return text;
}

function render(text: readonly number[], { words }: Language, random: () => number): string {
  let rendered = "";
  let isFirst = true;
  for (const [place, number] of text.entries()) {
    const word = words[number] ?? "";
    rendered += isFirst ? word.charAt(0).toUpperCase() + word.slice(1) : word;
    const sign = random();
    isFirst = sign < 0.07;
    if (place < text.length - 1) rendered += isFirst ? ". " : sign < 0.13 ? ", " : " ";
  }
  return `${rendered}.`;
}

function recordOf(record: number, text: string, random: () => number): object {
  return {
    id: `s_${record.toString(36).padStart(8, "0")}`,
    text,
    source: "chat_interaction",
    type: "insight",
    created_at: "2026-01-07T10:00:00Z",
    quality_score: Number(random().toFixed(4)),
    use_count: record % 7,
    tags: [`a${record % 13}`, `b${record % 5}`],
  };
}
