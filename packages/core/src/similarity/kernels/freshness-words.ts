// Tight loops over typed arrays: a text as hashes of its words and of its phrases, two lanes of 32 bits each.
// Where a collision would change a score 32 bits are too few: in a million words a hundred pairs would meet.

import { finalise } from "../../text/finalise.ts";
import { WORD_UNITS } from "../../text/word-hashes.ts";

/** Hashes of words or phrases in order; the arrays are longer than `count` and used again for the next text. */
export interface Lanes {
  count: number;
  first: Int32Array;
  second: Int32Array;
}

/** One text, ready to be stored or looked for. */
export interface Print {
  /** Every word in order. */
  readonly words: Lanes;
  /** Each word once. */
  readonly wordSet: Lanes;
  /** Each phrase once: three words in a row, or the whole of a shorter text. */
  readonly phraseSet: Lanes;
  /** Of the whole sequence of words. */
  keyFirst: number;
  keySecond: number;
}

const WORDS_A_PHRASE = 3;

export function newPrint(): Print {
  return { words: newLanes(), wordSet: newLanes(), phraseSet: newLanes(), keyFirst: 0, keySecond: 0 };
}

/**
 * Fills a print from the units of a text: ASCII bytes, or UTF-16 units of a normalised text in lower case.
 *
 * @see `words` in text/words.ts for what a word is.
 */
export function printUnits(units: Uint8Array | Uint16Array, length: number, print: Print): void {
  hashWords(units, length, print.words);
  distinct(print.words, print.wordSet);
  hashPhrases(print);
  hashSequence(print);
}

function hashWords(units: Uint8Array | Uint16Array, length: number, words: Lanes): void {
  reserve(words, (length >>> 1) + 1);
  const { first, second } = words;
  let count = 0;
  let x = 0;
  let y = 0;
  let inside = false;
  for (let i = 0; i < length; i++) {
    const unit = units[i];
    const folded = unit < 128 ? WORD_UNITS[unit] : unit;
    if (folded !== 0) {
      if (!inside) {
        inside = true;
        x = 0x811c9dc5 | 0;
        y = 0x9e3779b9 | 0;
      }
      x = Math.imul(x ^ folded, 0x01000193);
      y = Math.imul(y ^ folded, 0x85ebca6b);
      y ^= y >>> 15;
    } else if (inside) {
      inside = false;
      first[count] = finalise(x);
      second[count++] = finalise(y);
    }
  }
  if (inside) {
    first[count] = finalise(x);
    second[count++] = finalise(y);
  }
  words.count = count;
}

const phrases = newLanes();

function hashPhrases({ words, phraseSet }: Print): void {
  const { first, second, count } = words;
  const size = Math.min(WORDS_A_PHRASE, count);
  const most = count === 0 ? 0 : count - size + 1;
  reserve(phrases, most);
  for (let i = 0; i < most; i++) {
    let x = size;
    let y = 0x51ed270b;
    for (let j = i; j < i + size; j++) {
      x = Math.imul(x, 0x9e3779b1) ^ first[j];
      x = (x << 13) | (x >>> 19);
      y = Math.imul(y, 0x85ebca77) ^ second[j];
      y = (y << 11) | (y >>> 21);
    }
    phrases.first[i] = finalise(x);
    phrases.second[i] = finalise(y);
  }
  phrases.count = most;
  distinct(phrases, phraseSet);
}

function hashSequence(print: Print): void {
  const { first, second, count } = print.words;
  let x = count;
  let y = ~count;
  for (let i = 0; i < count; i++) {
    x = Math.imul(((x << 5) | (x >>> 27)) ^ first[i], 0x9e3779b1);
    y = Math.imul(((y << 7) | (y >>> 25)) ^ second[i], 0xcc9e2d51);
  }
  print.keyFirst = finalise(x);
  print.keySecond = finalise(y);
}

/** Pairs of one text that were met: emptied by counting turns, not by clearing. */
let pairMask = 1023;
let pairFirst = new Int32Array(1024);
let pairSecond = new Int32Array(1024);
let pairTurns = new Int32Array(1024);
let turn = 0;

function distinct(from: Lanes, into: Lanes): void {
  const { first, second, count } = from;
  reserve(into, count);
  startPairs(count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const x = first[i];
    const y = second[i];
    let slot = x & pairMask;
    while (pairTurns[slot] === turn && (pairFirst[slot] !== x || pairSecond[slot] !== y)) slot = (slot + 1) & pairMask;
    if (pairTurns[slot] === turn) continue;
    pairTurns[slot] = turn;
    pairFirst[slot] = x;
    pairSecond[slot] = y;
    into.first[kept] = x;
    into.second[kept++] = y;
  }
  into.count = kept;
}

function startPairs(most: number): void {
  if (2 * most > pairMask || turn === 0x7fffffff) {
    const length = 2 ** Math.ceil(Math.log2(Math.max(1024, 2 * most)));
    pairMask = length - 1;
    pairFirst = new Int32Array(length);
    pairSecond = new Int32Array(length);
    pairTurns = new Int32Array(length);
    turn = 0;
  }
  turn++;
}

function newLanes(): Lanes {
  return { count: 0, first: new Int32Array(256), second: new Int32Array(256) };
}

function reserve(lanes: Lanes, most: number): void {
  if (lanes.first.length >= most) return;
  lanes.first = new Int32Array(2 * most);
  lanes.second = new Int32Array(2 * most);
}
