// Tight loops over typed arrays: prints and vectors of samples in the order they came, in columns that grow.
import { type Dictionary, addWord } from "./freshness-dictionary.ts";
import type { Print } from "./freshness-words.ts";

/** Vectors a block: a column of vectors grows without being copied. */
const BLOCK = 1_024;

/** Sample `n` has the words `wordIds[wordOffsets[n] .. wordOffsets[n + 1])`, and so on; all arrays but the lists have room to spare. */
export interface Columns {
  count: number;
  readonly dimensions: number;
  readonly ids: string[];
  readonly types: string[];
  atMs: Float64Array;
  wordOffsets: Uint32Array;
  wordIds: Uint32Array;
  phraseOffsets: Uint32Array;
  phraseFirst: Int32Array;
  phraseSecond: Int32Array;
  keyFirst: Int32Array;
  keySecond: Int32Array;
  /** Squared norms. */
  squares: Int32Array;
  readonly blocks: Int8Array[];
  /** 1 where the sample was removed or replaced. */
  removed: Uint8Array;
}

export function newColumns(dimensions: number): Columns {
  return {
    count: 0,
    dimensions,
    ids: [],
    types: [],
    atMs: new Float64Array(0),
    wordOffsets: new Uint32Array(1),
    wordIds: new Uint32Array(0),
    phraseOffsets: new Uint32Array(1),
    phraseFirst: new Int32Array(0),
    phraseSecond: new Int32Array(0),
    keyFirst: new Int32Array(0),
    keySecond: new Int32Array(0),
    squares: new Int32Array(0),
    blocks: [],
    removed: new Uint8Array(0),
  };
}

/** Makes room for further samples, words and phrases. */
export function reserveColumns(columns: Columns, samples: number, words: number, phrases: number): void {
  const { count } = columns;
  if (columns.squares.length < count + samples) {
    const room = Math.ceil((count + samples) * 1.5);
    columns.atMs = enlarge(columns.atMs, new Float64Array(room));
    columns.wordOffsets = enlarge(columns.wordOffsets, new Uint32Array(room + 1));
    columns.phraseOffsets = enlarge(columns.phraseOffsets, new Uint32Array(room + 1));
    columns.keyFirst = enlarge(columns.keyFirst, new Int32Array(room));
    columns.keySecond = enlarge(columns.keySecond, new Int32Array(room));
    columns.squares = enlarge(columns.squares, new Int32Array(room));
    columns.removed = enlarge(columns.removed, new Uint8Array(room));
  }
  const wordRoom = columns.wordOffsets[count] + words;
  if (columns.wordIds.length < wordRoom) columns.wordIds = enlarge(columns.wordIds, new Uint32Array(Math.ceil(wordRoom * 1.5)));
  const phraseRoom = columns.phraseOffsets[count] + phrases;
  if (columns.phraseFirst.length < phraseRoom) {
    columns.phraseFirst = enlarge(columns.phraseFirst, new Int32Array(Math.ceil(phraseRoom * 1.5)));
    columns.phraseSecond = enlarge(columns.phraseSecond, new Int32Array(Math.ceil(phraseRoom * 1.5)));
  }
  while (columns.blocks.length * BLOCK < count + samples) columns.blocks.push(new Int8Array(BLOCK * columns.dimensions));
}

function enlarge<Numbers extends Float64Array | Uint32Array | Int32Array | Uint8Array>(old: Numbers, larger: Numbers): Numbers {
  larger.set(old);
  return larger;
}

/** Appends what a print says of a text; id, type, time and vector are set by the caller. Returns the number of the sample. */
export function appendPrint(columns: Columns, dictionary: Dictionary, print: Print): number {
  const { wordSet, phraseSet } = print;
  reserveColumns(columns, 1, wordSet.count, phraseSet.count);
  const n = columns.count++;
  let at = columns.wordOffsets[n];
  for (let i = 0; i < wordSet.count; i++) columns.wordIds[at++] = addWord(dictionary, wordSet.first[i], wordSet.second[i]);
  columns.wordOffsets[n + 1] = at;
  at = columns.phraseOffsets[n];
  for (let i = 0; i < phraseSet.count; i++) {
    columns.phraseFirst[at] = phraseSet.first[i];
    columns.phraseSecond[at++] = phraseSet.second[i];
  }
  columns.phraseOffsets[n + 1] = at;
  columns.keyFirst[n] = print.keyFirst;
  columns.keySecond[n] = print.keySecond;
  return n;
}

/** The block that holds the vector of a sample; it begins there at {@link vectorAt}. */
export function blockOf(columns: Columns, n: number): Int8Array {
  return columns.blocks[Math.floor(n / BLOCK)];
}

export function vectorAt(columns: Columns, n: number): number {
  return (n % BLOCK) * columns.dimensions;
}
