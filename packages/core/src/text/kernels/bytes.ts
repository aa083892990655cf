// Typed arrays and loops only: the TypeScript twin of bytes.as.ts, equal to it bit for bit. It is what runs where WebAssembly is missing, what
// the tests hold WebAssembly against, and what takes the texts and sets that are too large for the fixed memory of the other.
import { finalise } from "../finalise.ts";
import { normalizeText } from "../normalize.ts";
import {
  BYTE_KERNELS_VERSION,
  type ByteKernels,
  type RowTable,
  type RowTableOptions,
  type SketchPlan,
  checkRowLists,
  checkRowTable,
  checkShingleWords,
  checkSketchPlan,
} from "./byte-kernels.ts";
import type { ShingleSets } from "./shingle-sets.ts";
import { type SketchConstants, roundedSlots, sketchConstants } from "./sketch-constants.ts";

/** The byte kernels in plain TypeScript. */
export function typescriptByteKernels(): ByteKernels {
  return { engine: "typescript", version: BYTE_KERNELS_VERSION, shingleSets, bandKeys, rowTable };
}

// ---------------------------------------------------------------- words

/** UTF-16 units that are encoded at once; each takes three bytes at most. */
const PIECE_UNITS = 1 << 16;
const encoder = new TextEncoder();
const bytes = new Uint8Array(3 * PIECE_UNITS);

/** Hashes on their way; what a very long text needed is not kept. */
let room = new Int32Array(1 << 12);
const MOST_KEPT = 1 << 20;

/**
 * Hashes of the words of a text, in order, repeats included.
 *
 * A text of more than a million characters is normalised in pieces.
 *
 * @returns A view that the next call overwrites.
 */
export function wordHashesOf(text: string): Int32Array {
  const word: Word = { hash: WORD_SEED, lane: 0, length: 0 };
  let hashes = room;
  let count = 0;
  for (let begin = 0; begin < text.length;) {
    const stop = normalEnd(text, begin);
    const normal = normalizeText(begin === 0 && stop === text.length ? text : text.slice(begin, stop));
    for (let start = 0; start < normal.length;) {
      const end = pieceEnd(normal, start, PIECE_UNITS);
      const { written } = encoder.encodeInto(start === 0 && end === normal.length ? normal : normal.slice(start, end), bytes);
      // At most every other byte begins a word; one more may be open from the piece before.
      hashes = withRoom(hashes, count, count + (written >>> 1) + 2);
      count = cutWords(written, word, hashes, count);
      start = end;
    }
    begin = stop;
  }
  if (word.length > 0) {
    hashes = withRoom(hashes, count, count + 1);
    hashes[count++] = finishWord(word.hash, word.lane, word.length);
  }
  if (hashes.length <= MOST_KEPT) room = hashes;
  return hashes.subarray(0, count);
}

/** Normalising replaces character by character, and the engine ends the process where tens of millions are to be replaced in one string. */
const NORMAL_UNITS = 1 << 20;
const NORMAL_SEARCH_UNITS = 1 << 12;

/**
 * Where the next piece to be normalised ends: before a white space or a Chinese character, which nothing before them changes and which change
 * nothing before them. Where there is none for 4096 characters the cut is made all the same, and letter and accent beside it may stay apart.
 */
function normalEnd(text: string, begin: number): number {
  const limit = pieceEnd(text, begin, NORMAL_UNITS);
  if (limit === text.length) return limit;
  for (let at = limit; at > limit - NORMAL_SEARCH_UNITS; at--) {
    const unit = text.charCodeAt(at);
    if (unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || (unit >= 0x4e00 && unit <= 0x9fff)) return at;
  }
  return limit;
}

/** Never between the two halves of a surrogate pair. */
function pieceEnd(text: string, start: number, units: number): number {
  const end = start + units;
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}

function withRoom(values: Int32Array<ArrayBuffer>, count: number, needed: number): Int32Array<ArrayBuffer> {
  if (needed <= values.length) return values;
  const larger = new Int32Array(Math.max(needed, 2 * values.length));
  larger.set(values.subarray(0, count));
  return larger;
}

/** A word that is being read: it may go on in the next piece. */
interface Word {
  hash: number;
  /** Up to four bytes that are not yet in the hash, the first the lowest. */
  lane: number;
  /** Bytes read. */
  length: number;
}

const WORD_SEED = 0x9747b28c | 0;

function cutWords(size: number, word: Word, hashes: Int32Array, from: number): number {
  let { hash, lane, length } = word;
  let count = from;
  for (let i = 0; i < size; i++) {
    const folded = FOLDED[bytes[i]];
    if (folded !== 0) {
      lane |= folded << ((length & 3) << 3);
      if ((++length & 3) === 0) {
        hash = absorb(hash, lane);
        lane = 0;
      }
    } else if (length !== 0) {
      hashes[count++] = finishWord(hash, lane, length);
      hash = WORD_SEED;
      lane = 0;
      length = 0;
    }
  }
  word.hash = hash;
  word.lane = lane;
  word.length = length;
  return count;
}

/** Fills the last eight bytes up with zeros: no word holds a zero, so none needs its length. */
function finishWord(hash: number, lane: number, length: number): number {
  let whole = hash;
  const left = length & 7;
  if (left !== 0 && left !== 4) whole = absorb(whole, lane);
  if (left !== 0 && left <= 4) whole = absorb(whole, 0);
  return finalise(whole);
}

/** One step of MurmurHash3 over four bytes. */
function absorb(hash: number, lane: number): number {
  let mixed = Math.imul(lane, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593) ^ hash;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** Bytes of words with their case folded, [0-9A-Za-z_] and all from 0x80 on; 0 for all others. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return byte;
  const character = String.fromCharCode(byte);
  return /\w/.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});

// ---------------------------------------------------------------- shingles

/** The shingle set of one text, ascending, each once: a view that the next call overwrites. */
export function shingleSetOf(text: string, shingleWords: number): Int32Array {
  const hashes = wordHashesOf(text);
  return sortUnique(hashes.subarray(0, combine(hashes, shingleWords)));
}

/** Hashes of each `size` words in a row, over the words' own place. */
function combine(words: Int32Array, size: number): number {
  const count = words.length;
  if (count === 0) return 0;
  if (count < size) {
    let hash = 0x9e3779b9 | 0;
    for (let i = 0; i < count; i++) hash = (Math.imul(hash ^ words[i], 0x85ebca6b) + 0x52dce729) | 0;
    words[0] = finalise(hash);
    return 1;
  }
  const total = count - size + 1;
  for (let i = 0; i < total; i++) {
    let hash = 0;
    for (let j = i; j < i + size; j++) {
      hash = Math.imul(hash, 0x9e3779b1) ^ words[j];
      hash = (hash << 13) | (hash >>> 19);
    }
    words[i] = finalise(hash);
  }
  return total;
}

function sortUnique(values: Int32Array): Int32Array {
  if (values.length < 2) return values;
  if (values.length <= 24) insertionSort(values);
  else values.sort();
  let count = 1;
  for (let i = 1; i < values.length; i++) if (values[i] !== values[i - 1]) values[count++] = values[i];
  return values.subarray(0, count);
}

function insertionSort(values: Int32Array): void {
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    let to = i;
    for (; to > 0 && values[to - 1] > value; to--) values[to] = values[to - 1];
    values[to] = value;
  }
}

function shingleSets(texts: readonly string[], shingleWords: number): ShingleSets {
  checkShingleWords(shingleWords);
  const offsets = new Float64Array(texts.length + 1);
  let values = new Int32Array(1024);
  let filled = 0;
  for (let i = 0; i < texts.length; i++) {
    const set = shingleSetOf(texts[i], shingleWords);
    values = withRoom(values, filled, filled + set.length);
    values.set(set, filled);
    filled += set.length;
    offsets[i + 1] = filled;
  }
  return { values: values.slice(0, filled), offsets };
}

// ---------------------------------------------------------------- sketches

function bandKeys({ values, offsets }: ShingleSets, plan: SketchPlan): Int32Array {
  checkSketchPlan(plan);
  const count = offsets.length - 1;
  const keys = new Int32Array(plan.bands * count);
  const keysOf = bandKeysOfOne(plan, sketchConstants(plan));
  for (let set = 0; set < count; set++) keysOf(values, offsets[set], offsets[set + 1], keys, set, count);
  return keys;
}

/** Writes the keys of the set `values[start .. end)` to `keys[band * count + set]`. */
export type SetKeys = (values: Int32Array, start: number, end: number, keys: Int32Array, set: number, count: number) => void;

/** Makes what gives one set its keys. */
export function bandKeysOfOne({ bands, rows, family }: SketchPlan, { slots, numbers }: SketchConstants): SetKeys {
  const sketch = new Int32Array(roundedSlots(slots));
  const rounds = new Int32Array(slots);
  return (values, start, end, keys, set, count) => {
    if (start === end) return;
    if (family === "classic") classic(values, start, end, numbers, sketch);
    else fast(values, start, end, numbers, rounds, sketch);
    for (let band = 0; band < bands; band++) {
      let key = 0x9e3779b9 ^ band;
      for (let row = 0; row < rows; row++) {
        key = Math.imul(key ^ sketch[row * bands + band], 0x85ebca6b);
        key ^= key >>> 15;
      }
      keys[band * count + set] = finalise(key);
    }
  };
}

/**
 * Classic MinHash; the greatest of a permutation is the least under the reversed order, so each multiplication serves two slots. The values are
 * well-mixed hashes, hence an odd multiplier alone permutes them.
 */
function classic(values: Int32Array, start: number, end: number, multipliers: Int32Array, sketch: Int32Array): void {
  for (let p = 0; p < multipliers.length; p += 2) {
    const a0 = multipliers[p];
    const a1 = multipliers[p + 1];
    let least0 = 0x7fffffff;
    let least1 = 0x7fffffff;
    let most0 = -0x80000000;
    let most1 = -0x80000000;
    for (let i = start; i < end; i++) {
      const p0 = Math.imul(values[i], a0);
      const p1 = Math.imul(values[i], a1);
      if (p0 < least0) least0 = p0;
      if (p0 > most0) most0 = p0;
      if (p1 < least1) least1 = p1;
      if (p1 > most1) most1 = p1;
    }
    const slot = ((p >>> 2) << 3) + (p & 3);
    sketch[slot] = least0;
    sketch[slot + 1] = least1;
    sketch[slot + 4] = most0;
    sketch[slot + 5] = most1;
  }
}

/**
 * Fast Similarity Sketching: in each round every value goes to one slot, by its hash in the first `slots` rounds, then all to one slot a round.
 * A slot keeps the least of the first round that reached it, and the rounds end when all are filled.
 *
 * @see {@link https://arxiv.org/abs/1704.04370 | Dahlgaard, Knudsen, Thorup, FOCS 2017}
 */
function fast(values: Int32Array, start: number, end: number, salts: Int32Array, rounds: Int32Array, sketch: Int32Array): void {
  const slots = rounds.length;
  rounds.fill(-1);
  let open = slots;
  for (let round = 0; open > 0; round++) {
    const salt = salts[round];
    for (let i = start; i < end; i++) {
      const hash = finalise(values[i] ^ salt);
      const slot = round < slots ? ((hash >>> 16) * slots) >>> 16 : round - slots;
      // Compared as signed numbers where the other engine compares unsigned ones: the highest bit is turned.
      const mark = Math.imul(hash, 0x2c1b3c6d) ^ -0x80000000;
      if (rounds[slot] === -1) {
        rounds[slot] = round;
        sketch[slot] = mark;
        open--;
      } else if (rounds[slot] === round && mark < sketch[slot]) sketch[slot] = mark;
    }
  }
  for (let slot = 0; slot < slots; slot++) {
    sketch[slot] = finalise(sketch[slot] ^ -0x80000000 ^ Math.imul(rounds[slot], 0x9e3779b1));
  }
}

// ---------------------------------------------------------------- sums of rows

function rowTable(table: RowTableOptions): RowTable {
  checkRowTable(table);
  const { dimensions, scales } = table;
  return {
    sums: (ids, ends) => {
      checkRowLists(ids, ends, scales.length);
      const sums = new Float32Array(ends.length * dimensions);
      let start = 0;
      for (let list = 0; list < ends.length; list++) {
        for (let i = start; i < ends[list]; i++) addRow(table, ids[i], sums, list * dimensions);
        start = ends[list];
      }
      return sums;
    },
  };
}

/** A product of 8 and 24 bits is exact in 64; it is rounded to 32 before it is added, and so is the sum, as the other engine does. */
function addRow({ dimensions, rows, scales }: RowTableOptions, row: number, sums: Float32Array, to: number): void {
  const from = row * dimensions;
  const scale = scales[row];
  for (let d = 0; d < dimensions; d++) sums[to + d] = Math.fround(sums[to + d] + Math.fround(rows[from + d] * scale));
}
