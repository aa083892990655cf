import type { Embedder } from "../schema/embedder.ts";
import type { Clock } from "../text/ulid.ts";
import { type Base, appendColumns, assemble, disassemble } from "./kernels/freshness-base.ts";
import { type Columns, appendPrint, blockOf, newColumns, vectorAt } from "./kernels/freshness-columns.ts";
import { type Dictionary, findWord, newDictionary } from "./kernels/freshness-dictionary.ts";
import type { Weights } from "./kernels/freshness-hits.ts";
import { firstRank, rankOf } from "./kernels/freshness-ids.ts";
import { REMOVED } from "./kernels/freshness-memory.ts";
import { type Query, type Scratch, newScratch } from "./kernels/freshness-search.ts";
import type { Lanes, Print } from "./kernels/freshness-words.ts";
import { printOf } from "./freshness-text.ts";
import { type Int8Vectors, embedInt8, paddedDimensions } from "./freshness-vectors.ts";

/** Texts that are embedded at once. */
const BATCH = 512;
const NO_NUMBERS = new Uint32Array(0);

/** One text of the pool. */
export interface FreshnessSample {
  /** Ids in ascending order of time, such as ULIDs, are taken in fastest. */
  readonly id: string;
  readonly text: string;
  /** Absent and empty are the same: no type. */
  readonly type?: string | undefined;
  /** When it came; windows count by it. @defaultValue the time in a ULID, else 0. */
  readonly atMs?: number | undefined;
}

/** What was done with samples: nothing vanishes uncounted. */
export interface InsertReport {
  readonly inserted: number;
  /** Texts without a word: similar to nothing, hence not in the index. */
  readonly withoutWords: number;
}

/** Everything an index is made of: a merged part that is searched in stages, and a pending part that is compared one by one. */
export interface FreshnessState {
  readonly embedder: Embedder;
  readonly weights: Weights;
  readonly wasm: boolean;
  readonly clock: Clock;
  version: string | undefined;
  base: Base;
  dictionary: Dictionary;
  pending: Columns;
  /** Of each id, its place in `pending`. */
  readonly pendingById: Map<string, number>;
  /** Places in `pending` in ascending order of ids; removed ones stay. */
  readonly pendingOrder: number[];
  /** For each place in `pending`, how many ids of the merged part are smaller. */
  readonly pendingGaps: number[];
  /** Living samples by type. */
  readonly living: Map<string, number>;
  removedFromBase: number;
  /** Changes with every change of the content. */
  epoch: number;
  scratch: Scratch | undefined;
  /** The file that holds `base`, once it was saved or opened. */
  baseFile: { readonly folder: string; readonly name: string } | undefined;
}

export type StateSettings = Pick<FreshnessState, "embedder" | "weights" | "wasm" | "clock" | "version">;

export function newState(settings: StateSettings): FreshnessState {
  const columns = newColumns(paddedDimensions(settings.embedder.dimensions));
  return { ...settings, ...emptyPending(settings.embedder), ...assemble(columns, newDictionary(), settings.wasm), ...freshCounts() };
}

function freshCounts() {
  return { living: new Map<string, number>(), removedFromBase: 0, epoch: 0, scratch: undefined, baseFile: undefined };
}

function emptyPending(embedder: Embedder) {
  const pending = newColumns(paddedDimensions(embedder.dimensions));
  return { pending, pendingById: new Map<string, number>(), pendingOrder: [], pendingGaps: [] };
}

/** Puts these samples in the place of all that there were. What is inserted while it runs is lost. */
export async function buildState(
  state: FreshnessState,
  samples: Iterable<FreshnessSample> | AsyncIterable<FreshnessSample>,
): Promise<InsertReport> {
  const columns = newColumns(paddedDimensions(state.embedder.dimensions));
  const dictionary = newDictionary(1 << 16);
  let withoutWords = 0;
  for await (const { batch, vectors } of embedded(state.embedder, samples))
    for (const [i, sample] of batch.entries()) if (!append(columns, dictionary, sample, vectors, i)) withoutWords++;
  replaceBase(state, columns, dictionary);
  return { inserted: state.base.count, withoutWords };
}

/** Adds samples to the pending part; one with a known id takes the other's place. */
export async function insertSamples(
  state: FreshnessState,
  samples: Iterable<FreshnessSample> | AsyncIterable<FreshnessSample>,
): Promise<InsertReport> {
  let inserted = 0;
  let withoutWords = 0;
  for await (const { batch, vectors } of embedded(state.embedder, samples)) {
    for (const [i, sample] of batch.entries()) {
      removeSample(state, sample.id);
      if (append(state.pending, state.dictionary, sample, vectors, i)) {
        registerPending(state, state.pending.count - 1);
        inserted++;
      } else withoutWords++;
    }
    state.epoch++;
  }
  return { inserted, withoutWords };
}

/** Books a sample that was appended to the pending part. */
export function registerPending(state: FreshnessState, n: number): void {
  const { pending, pendingById, pendingOrder, pendingGaps, living } = state;
  const id = pending.ids[n] ?? "";
  const type = pending.types[n] ?? "";
  pendingGaps[n] = firstRank(state.base.ids, id);
  pendingOrder.splice(placeInOrder(state, id), 0, n);
  if (pending.removed[n] !== 0) return;
  pendingById.set(id, n);
  living.set(type, (living.get(type) ?? 0) + 1);
}

/** How many pending ids are smaller. */
function placeInOrder({ pending, pendingOrder }: FreshnessState, id: string): number {
  let low = 0;
  let high = pendingOrder.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pending.ids[pendingOrder[middle] ?? 0] ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Place of a pending sample's id among the ids of the merged part: a fraction between two of them. */
export function pendingRank(state: FreshnessState, n: number): number {
  const place = placeInOrder(state, state.pending.ids[n] ?? "");
  return (state.pendingGaps[n] ?? 0) - 0.5 + (0.5 * place) / (state.pendingOrder.length + 1);
}

/** Takes a sample out; false when there was none with this id. */
export function removeSample(state: FreshnessState, id: string): boolean {
  const { pending, pendingById, base } = state;
  const n = pendingById.get(id);
  if (n !== undefined) {
    pending.removed[n] = 1;
    pendingById.delete(id);
    lower(state, pending.types[n] ?? "");
    return true;
  }
  const rank = rankOf(base.ids, id);
  return rank >= 0 && removeFromBase(state, base.byRank[rank] ?? 0);
}

/** Marks a sample of the merged part; false when it was marked already. */
export function removeFromBase(state: FreshnessState, sample: number): boolean {
  const { states } = state.base.memory;
  const before = states[sample] ?? 0;
  if ((before & REMOVED) !== 0) return false;
  states[sample] = before | REMOVED;
  state.removedFromBase++;
  lower(state, typeOf(state.base, sample));
  return true;
}

function lower(state: FreshnessState, type: string): void {
  state.living.set(type, (state.living.get(type) ?? 0) - 1);
  state.epoch++;
}

/** The type of a sample of the merged part. */
export function typeOf({ types, typeStarts }: Base, sample: number): string {
  return types[typeStarts.findLastIndex((start) => start <= sample)] ?? "";
}

/** Merges what is pending and leaves out what was removed. Takes seconds for a million samples, and twice the memory. */
export function compactState(state: FreshnessState): void {
  if (state.pending.count === 0 && state.removedFromBase === 0) return;
  const columns = disassemble(state.base);
  appendColumns(columns, state.pending);
  replaceBase(state, columns, state.dictionary);
}

function replaceBase(state: FreshnessState, columns: Columns, dictionary: Dictionary): void {
  const { epoch } = state;
  Object.assign(state, assemble(columns, dictionary, state.wasm), emptyPending(state.embedder), freshCounts());
  state.epoch = epoch + 1;
  countLiving(state);
}

/** Counts the merged part by type, for a base without removals. */
export function countLiving({ base, living }: FreshnessState): void {
  for (const [t, type] of base.types.entries()) living.set(type, (base.typeStarts[t + 1] ?? 0) - (base.typeStarts[t] ?? 0));
}

/** Working space for a search, made anew when the index has grown. */
export function scratchOf(state: FreshnessState): Scratch {
  const { base, dictionary } = state;
  let { scratch } = state;
  if (scratch === undefined || scratch.wordFlags.length < dictionary.count) {
    scratch = newScratch(base.count, dictionary.count + (scratch === undefined ? 0 : 4_096));
    state.scratch = scratch;
  }
  return scratch;
}

/** A text as a query; absent when it holds no word. */
export function queryOf(state: FreshnessState, text: string, vectors: Int8Vectors, row: number): Query | undefined {
  const print = printOf(text);
  if (print.words.count === 0) return undefined;
  const { dimensions } = vectors;
  return {
    knownWords: knownWords(state.dictionary, print.wordSet),
    wordCount: print.wordSet.count,
    phraseFirst: print.phraseSet.first.slice(0, print.phraseSet.count),
    phraseSecond: print.phraseSet.second.slice(0, print.phraseSet.count),
    keyFirst: print.keyFirst,
    keySecond: print.keySecond,
    vector: vectors.rows.subarray(row * dimensions, (row + 1) * dimensions),
    square: vectors.squares[row] ?? 0,
  };
}

function knownWords(dictionary: Dictionary, { count, first, second }: Lanes): Uint32Array {
  const known: number[] = [];
  for (let i = 0; i < count; i++) {
    const number = findWord(dictionary, first[i] ?? 0, second[i] ?? 0);
    if (number >= 0) known.push(number);
  }
  return known.length === 0 ? NO_NUMBERS : Uint32Array.from(known).sort();
}

/** False for a text without words, which is left out. */
function append(columns: Columns, dictionary: Dictionary, sample: FreshnessSample, vectors: Int8Vectors, row: number): boolean {
  const print: Print = printOf(sample.text);
  if (print.words.count === 0) return false;
  const n = appendPrint(columns, dictionary, print);
  columns.ids.push(sample.id);
  columns.types.push(sample.type ?? "");
  columns.atMs[n] = sample.atMs ?? ulidTimeMs(sample.id) ?? 0;
  columns.squares[n] = vectors.squares[row] ?? 0;
  const { dimensions } = vectors;
  blockOf(columns, n).set(vectors.rows.subarray(row * dimensions, (row + 1) * dimensions), vectorAt(columns, n));
  return true;
}

async function* embedded(embedder: Embedder, samples: Iterable<FreshnessSample> | AsyncIterable<FreshnessSample>) {
  for await (const batch of batches(samples)) {
    const vectors = await embedInt8(
      embedder,
      batch.map(({ text }) => text),
    );
    yield { batch, vectors };
  }
}

async function* batches<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  // Of a list nothing has to be awaited item by item.
  if (Symbol.iterator in items) {
    for (const item of items) {
      batch.push(item);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  } else {
    for await (const item of items) {
      batch.push(item);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

const ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The time in the first ten characters of a ULID. */
function ulidTimeMs(id: string): number | undefined {
  if (id.length !== 26) return undefined;
  let ms = 0;
  for (let i = 0; i < 10; i++) {
    const digit = ULID_DIGITS.indexOf(id.charAt(i));
    if (digit < 0) return undefined;
    ms = 32 * ms + digit;
  }
  return ms;
}
