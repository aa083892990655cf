import { asciiBytes } from "../text/ascii.ts";
import { finalise } from "../text/finalise.ts";
import { normalizeText } from "../text/normalize.ts";
import { WORD_UNITS } from "../text/word-hashes.ts";

/** Texts by number; which of them repeat which. The shape of every such answer in this room. */
export interface ExactDuplicates {
  /** The text that each repeats; -1 where it is kept. */
  readonly witness: Int32Array;
  /** Of a text that is kept 1 + its copies; of any other 0. */
  readonly weight: Int32Array;
  readonly kept: number;
}

/**
 * A 64-bit key of the words of a text, in hex: equal for texts that differ in case, punctuation and width alone. Undefined for a text
 * without words, which repeats nothing.
 *
 * For collapsing copies, never for identity. Linear in the text.
 *
 * @see {@link words} for what a word is.
 */
export function textKey(text: string): string | undefined {
  const [key] = hexOf(textKeys([text]));
  return key;
}

/**
 * The keys of many texts, two 32-bit numbers each; `0, 0` for a text without words.
 *
 * @param groups - Texts of different groups never have equal keys.
 */
export function textKeys(texts: readonly string[], groups?: readonly string[]): Int32Array {
  return keysOf(texts, groups, addWords);
}

/** Keys as {@link textKeys}, but of the texts as they are: every character counts. `0, 0` for the empty text. */
export function literalKeys(texts: readonly string[], groups?: readonly string[]): Int32Array {
  return keysOf(texts, groups, addUnits);
}

/**
 * Finds which texts have the key of an earlier one. Linear.
 *
 * @param keys - Two numbers a text, as {@link textKeys} makes them.
 * @param order - The numbers of all texts, best first: the first of equal ones is kept.
 */
export function findExactDuplicates(keys: Int32Array, order: Int32Array): ExactDuplicates {
  const count = keys.length / 2;
  const witness = new Int32Array(count).fill(-1);
  const weight = new Int32Array(count).fill(1);
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 2))).fill(-1);
  const mask = slots.length - 1;
  let kept = count;
  for (const text of order) {
    const [a, b] = [keys[2 * text] ?? 0, keys[2 * text + 1] ?? 0];
    if (a === 0 && b === 0) continue;
    let slot = a & mask;
    let other = slots[slot] ?? -1;
    while (other >= 0 && (keys[2 * other] !== a || keys[2 * other + 1] !== b)) {
      slot = (slot + 1) & mask;
      other = slots[slot] ?? -1;
    }
    if (other < 0) {
      slots[slot] = text;
      continue;
    }
    witness[text] = other;
    weight[text] = 0;
    weight[other] = (weight[other] ?? 0) + 1;
    kept--;
  }
  return { witness, weight, kept };
}

/** What decides which of several like examples is kept, one entry an example. */
export interface SurvivorColumns {
  readonly ids: readonly string[];
  /** 0 to 1; NaN where there is no score, which comes last. */
  readonly quality: Float64Array;
  readonly createdAtMs: Float64Array;
}

/** The numbers of examples, best first: by quality, then the older, then by id. */
export function survivorOrder({ ids, quality, createdAtMs }: SurvivorColumns): Int32Array {
  const scoreOf = (i: number): number => {
    const score = quality[i] ?? Number.NaN;
    return Number.isNaN(score) ? -1 : score;
  };
  const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return Int32Array.from(ids.keys()).sort(
    (a, b) => scoreOf(b) - scoreOf(a) || (createdAtMs[a] ?? 0) - (createdAtMs[b] ?? 0) || before(ids[a] ?? "", ids[b] ?? ""),
  );
}

/** A text that is kept, and those that repeat it, by number. */
export interface LikeTexts {
  readonly kept: number;
  readonly copies: readonly number[];
}

/** Gathers the texts that have a common witness, by the number of the witness. */
export function likeTexts(witness: Int32Array): readonly LikeTexts[] {
  const copies = new Map<number, number[]>();
  for (const [text, kept] of witness.entries()) {
    if (kept < 0) continue;
    const known = copies.get(kept);
    if (known === undefined) copies.set(kept, [text]);
    else known.push(text);
  }
  return [...copies].map(([kept, texts]) => ({ kept, copies: texts })).toSorted((a, b) => a.kept - b.kept);
}

/** Two lanes that know different things of a text: together 64 bits. Signed 32-bit numbers stay in registers. */
interface Lanes {
  a: number;
  b: number;
}

type AddText = (lanes: Lanes, text: string) => boolean;

function keysOf(texts: readonly string[], groups: readonly string[] | undefined, add: AddText): Int32Array {
  const keys = new Int32Array(2 * texts.length);
  const lanes: Lanes = { a: 0, b: 0 };
  for (const [i, text] of texts.entries()) {
    lanes.a = 0x811c9dc5 | 0;
    lanes.b = 0x2545f491;
    const group = groups?.[i];
    if (group !== undefined) addUnits(lanes, `${group}\0`);
    if (!add(lanes, text)) continue;
    const a = finalise(lanes.a ^ lanes.b);
    keys[2 * i] = a;
    // No text with words has the key of none.
    keys[2 * i + 1] = finalise(Math.imul(lanes.b, 0x9e3779b1) + a) || Number(a === 0);
  }
  return keys;
}

/** Adds the words of a text with one space between them; false where there is none. */
function addWords(lanes: Lanes, text: string): boolean {
  const bytes = asciiBytes(text);
  const normal = bytes === undefined ? normalizeText(text) : text;
  let { a, b } = lanes;
  let hasWord = false;
  let isApart = false;
  for (let i = 0; i < normal.length; i++) {
    const unit = bytes?.[i] ?? normal.charCodeAt(i);
    const folded = unit < 128 ? (WORD_UNITS[unit] ?? 0) : unit;
    if (folded === 0) {
      isApart = hasWord;
      continue;
    }
    if (isApart) {
      a = Math.imul(a ^ SPACE, PRIME_A);
      b = Math.imul(((b << 5) | (b >>> 27)) ^ SPACE, PRIME_B);
      isApart = false;
    }
    a = Math.imul(a ^ folded, PRIME_A);
    b = Math.imul(((b << 5) | (b >>> 27)) ^ folded, PRIME_B);
    hasWord = true;
  }
  lanes.a = a;
  lanes.b = b;
  return hasWord;
}

function addUnits(lanes: Lanes, text: string): boolean {
  let { a, b } = lanes;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, PRIME_A);
    b = Math.imul(((b << 5) | (b >>> 27)) ^ unit, PRIME_B);
  }
  lanes.a = a;
  lanes.b = b;
  return text !== "";
}

const SPACE = 32;
const PRIME_A = 0x01000193;
/** With the turn before it, unlike the other lane, which keeps the lowest bits of all characters apart from the rest. */
const PRIME_B = 0x85ebca77;

/** In the order of the texts. */
function hexOf(keys: Int32Array): readonly (string | undefined)[] {
  return Array.from({ length: keys.length / 2 }, (_, i) => {
    const [a, b] = [keys[2 * i] ?? 0, keys[2 * i + 1] ?? 0];
    return a === 0 && b === 0 ? undefined : [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
  });
}
