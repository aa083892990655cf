import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assetUrl } from "../asset.ts";
import { TilthError } from "../errors.ts";
import type { Embedder } from "../schema/embedder.ts";
import { finalise } from "../text/finalise.ts";
import { toInt8 } from "../text/kernels/vectors.ts";
import { plainText } from "./plain-text.ts";

const DIMENSIONS = 512;

/**
 * The embedder without weights: words and their runs of 3 and 4 characters, each hashed to one of 512 numbers and added with a sign.
 *
 * It knows no language, so it serves all of them; common English words count less. Opened at once. Linear in the texts.
 *
 * @throws {@link TilthError} `embed/table-unreadable` where the list of common words is missing.
 * @see {@link https://alex.smola.org/papers/2009/Weinbergeretal09.pdf | Weinberger et al. 2009}: signed feature hashing.
 */
export function hashEmbedder(): Embedder {
  const grams = createGrams(readCommonWords());
  return {
    id: "hash-v1",
    version: "1",
    dimensions: DIMENSIONS,
    backgroundCosine: 0.02,
    embed: async (texts) => embedTexts(texts, grams),
  };
}

function embedTexts(texts: readonly string[], grams: (word: string) => Grams): Int8Array {
  const vectors = new Int8Array(texts.length * DIMENSIONS);
  const sum = new Float32Array(DIMENSIONS);
  for (const [index, text] of texts.entries()) {
    sum.fill(0);
    for (const [word] of plainText(text).matchAll(WORD)) {
      const { places, values } = grams(word);
      for (let i = 0; i < places.length; i++) {
        const place = places[i] ?? 0;
        sum[place] = (sum[place] ?? 0) + (values[i] ?? 0);
      }
    }
    toInt8(sum, 0, DIMENSIONS, vectors, index * DIMENSIONS);
  }
  return vectors;
}

/** Scripts without spaces stay one run and live by their runs of characters. */
const WORD = /[\p{L}\p{N}\p{M}']+/gu;

/** What a word adds, and where. */
interface Grams {
  readonly places: Int16Array;
  readonly values: Float32Array;
}

/** Words that are remembered; when there are more, all are forgotten. Longer ones are not remembered. */
const MOST_WORDS = 65_536;
const LONGEST_REMEMBERED = 40;

function createGrams(ranks: ReadonlyMap<string, number>): (word: string) => Grams {
  const remembered = new Map<string, Grams>();
  return (word) => {
    const known = remembered.get(word);
    if (known !== undefined) return known;
    const grams = gramsOf(word, weightOf(word, ranks));
    if (word.length > LONGEST_REMEMBERED) return grams;
    if (remembered.size >= MOST_WORDS) remembered.clear();
    // A copy: a piece of a text would keep the whole text in memory.
    remembered.set(Buffer.from(word).toString(), grams);
    return grams;
  };
}

const FNV_BASIS = 0x811c9dc5 | 0;
const GRAM_LENGTHS = [3, 4] as const;

function gramsOf(word: string, weight: number): Grams {
  const edged = `^${word}$`;
  const counts = GRAM_LENGTHS.map((length) => Math.max(0, edged.length - length + 1));
  const size = counts.reduce((sum, count) => sum + count, 1);
  const grams = { places: new Int16Array(size), values: new Float32Array(size) };
  const part = weight / Math.sqrt(word.length);
  let at = 0;
  const put = (hash: number, value: number): void => {
    grams.places[at] = (hash >>> 1) & (DIMENSIONS - 1);
    grams.values[at++] = (hash & 1) === 1 ? value : -value;
  };
  put(hashOf(word, 0, word.length, FNV_BASIS), weight);
  for (const length of GRAM_LENGTHS) {
    for (let start = 0; start + length <= edged.length; start++) put(hashOf(edged, start, start + length, FNV_BASIS ^ length), part);
  }
  return grams;
}

/** FNV-1a over UTF-16 units, then the last steps of MurmurHash3: its low bits choose sign and place. */
function hashOf(text: string, start: number, end: number, basis: number): number {
  let hash = basis;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return finalise(hash);
}

/** How strongly common words are held down: a of a / (a + p), p the frequency by Zipf's law. */
const COMMON = 1e-3;
/** Ranks were taken in a vocabulary of this size. */
const VOCABULARY = 30_522;

function weightOf(word: string, ranks: ReadonlyMap<string, number>): number {
  const rank = ranks.get(word) ?? (word.length === 1 && word < "\x7f" ? 1 : undefined);
  if (rank === undefined) return 1;
  const frequency = 1 / (rank * Math.log(VOCABULARY));
  return COMMON / (COMMON + frequency);
}

let commonWords: ReadonlyMap<string, number> | undefined;

/** The first pieces of BERT's vocabulary that are words, most frequent first; a later word weighs more than .95 anyway. */
function readCommonWords(): ReadonlyMap<string, number> {
  const file = assetUrl(import.meta.url, "./common-words.txt");
  try {
    commonWords ??= new Map(
      readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((word, index) => [word, index + 1]),
    );
    return commonWords;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TilthError("embed/table-unreadable", { path: fileURLToPath(file), reason }, { cause });
  }
}
