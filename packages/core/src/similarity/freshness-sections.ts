import type { StoredArray } from "./freshness-file.ts";
import { type FreshnessState, registerPending, removeFromBase } from "./freshness-state.ts";
import { completeBase } from "./kernels/freshness-base.ts";
import { blockOf, reserveColumns, vectorAt } from "./kernels/freshness-columns.ts";
import { addWord, newDictionary, wordLanes } from "./kernels/freshness-dictionary.ts";
import { REMOVED, newVectorMemory } from "./kernels/freshness-memory.ts";

/** Bytes of a section; 0 where there is none. */
type Sizes = (name: string) => number;
type Arrays = Readonly<Record<string, StoredArray>>;

/** The merged part and its words, by the names they have in their file. */
export function baseArrays({ base, dictionary }: FreshnessState): Arrays {
  const words = wordLanes(dictionary, 0);
  const vocabulary = base.wordStarts.length - 1;
  return {
    typeStarts: base.typeStarts,
    idBytes: base.ids.bytes,
    idOffsets: base.ids.offsets,
    rank: base.rank,
    atMs: base.atMs,
    wordFirst: words.first.subarray(0, vocabulary),
    wordSecond: words.second.subarray(0, vocabulary),
    wordOffsets: base.wordOffsets,
    wordIds: base.wordIds,
    wordStarts: base.wordStarts,
    wordSamples: base.wordSamples,
    phraseCounts: base.phraseCounts,
    phraseHash: base.phrases.hash,
    phraseCheck: base.phrases.check,
    phraseSample: base.phrases.sample,
    phraseStarts: base.phrases.starts,
    keyHash: base.keys.hash,
    keyCheck: base.keys.check,
    keySample: base.keys.sample,
    keyStarts: base.keys.starts,
    squares: base.squares,
    heads: base.memory.heads,
    rests: base.memory.rests,
  };
}

/** Empty arrays of the sizes that a file says, the vectors in the memory they are searched in. */
export function roomForBase(sizes: Sizes, dimensions: number, wasm: boolean) {
  const numbers = (name: string): number => Math.floor(sizes(name) / 4);
  const count = numbers("rank");
  const vocabulary = numbers("wordFirst");
  const phrases = numbers("phraseHash");
  const memory = newVectorMemory(count, dimensions, wasm);
  return {
    memory,
    arrays: {
      typeStarts: new Uint32Array(numbers("typeStarts")),
      idBytes: new Uint8Array(sizes("idBytes")),
      idOffsets: new Uint32Array(count + 1),
      rank: new Uint32Array(count),
      atMs: new Float64Array(count),
      wordFirst: new Int32Array(vocabulary),
      wordSecond: new Int32Array(vocabulary),
      wordOffsets: new Uint32Array(count + 1),
      wordIds: new Uint32Array(numbers("wordIds")),
      wordStarts: new Uint32Array(vocabulary + 1),
      wordSamples: new Uint32Array(numbers("wordIds")),
      phraseCounts: new Uint32Array(count),
      phraseHash: new Int32Array(phrases),
      phraseCheck: new Int32Array(phrases),
      phraseSample: new Uint32Array(phrases),
      phraseStarts: new Uint32Array(2 ** 16 + 1),
      keyHash: new Int32Array(count),
      keyCheck: new Int32Array(count),
      keySample: new Uint32Array(count),
      keyStarts: new Uint32Array(2 ** 16 + 1),
      squares: new Int32Array(count),
      heads: memory.heads,
      rests: memory.rests,
    },
  };
}

/** Puts what was read into an empty index; says what does not fit together. */
export function restoreBase(
  state: FreshnessState,
  { memory, arrays }: ReturnType<typeof roomForBase>,
  types: readonly string[],
): string | undefined {
  const { typeStarts, rank, atMs, wordOffsets, wordIds, wordStarts, wordSamples, phraseCounts, squares } = arrays;
  const count = rank.length;
  const fits =
    typeStarts.length === types.length + 1 &&
    typeStarts.at(-1) === count &&
    arrays.idOffsets.at(-1) === arrays.idBytes.length &&
    wordOffsets.at(-1) === wordIds.length &&
    wordStarts.at(-1) === wordIds.length &&
    arrays.phraseStarts.at(-1) === arrays.phraseHash.length;
  if (!fits) return "its parts do not fit together";
  const dictionary = newDictionary(arrays.wordFirst.length);
  for (let i = 0; i < arrays.wordFirst.length; i++) addWord(dictionary, arrays.wordFirst[i] ?? 0, arrays.wordSecond[i] ?? 0);
  const ids = { bytes: arrays.idBytes, offsets: arrays.idOffsets };
  const phrases = { hash: arrays.phraseHash, check: arrays.phraseCheck, sample: arrays.phraseSample, starts: arrays.phraseStarts };
  const keys = { hash: arrays.keyHash, check: arrays.keyCheck, sample: arrays.keySample, starts: arrays.keyStarts };
  const words = { wordOffsets, wordIds, wordStarts, wordSamples };
  state.base = completeBase({ typeStarts, ids, rank, atMs, ...words, phraseCounts, phrases, keys, squares }, types, memory);
  state.dictionary = dictionary;
  return undefined;
}

/** What came after the merge: samples removed from it, pending samples, and words that only these have. */
export function changeArrays({ base, dictionary, pending }: FreshnessState): Arrays {
  const { count, dimensions } = pending;
  const words = wordLanes(dictionary, base.wordStarts.length - 1);
  const vectors = new Int8Array(count * dimensions);
  for (let n = 0; n < count; n++) {
    const from = vectorAt(pending, n);
    vectors.set(blockOf(pending, n).subarray(from, from + dimensions), n * dimensions);
  }
  const { states } = base.memory;
  const removedFromBase: number[] = [];
  for (let n = 0; n < base.count; n++) if (((states[n] ?? 0) & REMOVED) !== 0) removedFromBase.push(n);
  return {
    removedFromBase: Uint32Array.from(removedFromBase),
    wordFirst: words.first,
    wordSecond: words.second,
    names: Buffer.from(JSON.stringify([pending.ids, pending.types])),
    atMs: pending.atMs.subarray(0, count),
    wordOffsets: pending.wordOffsets.subarray(0, count + 1),
    wordIds: pending.wordIds.subarray(0, pending.wordOffsets[count]),
    phraseOffsets: pending.phraseOffsets.subarray(0, count + 1),
    phraseFirst: pending.phraseFirst.subarray(0, pending.phraseOffsets[count]),
    phraseSecond: pending.phraseSecond.subarray(0, pending.phraseOffsets[count]),
    keyFirst: pending.keyFirst.subarray(0, count),
    keySecond: pending.keySecond.subarray(0, count),
    squares: pending.squares.subarray(0, count),
    removed: pending.removed.subarray(0, count),
    vectors,
  };
}

/** Empty arrays of the sizes that a file says. */
export function roomForChanges(sizes: Sizes) {
  const numbers = (name: string): number => Math.floor(sizes(name) / 4);
  const count = sizes("removed");
  return {
    removedFromBase: new Uint32Array(numbers("removedFromBase")),
    wordFirst: new Int32Array(numbers("wordFirst")),
    wordSecond: new Int32Array(numbers("wordFirst")),
    names: new Uint8Array(sizes("names")),
    atMs: new Float64Array(count),
    wordOffsets: new Uint32Array(count + 1),
    wordIds: new Uint32Array(numbers("wordIds")),
    phraseOffsets: new Uint32Array(count + 1),
    phraseFirst: new Int32Array(numbers("phraseFirst")),
    phraseSecond: new Int32Array(numbers("phraseFirst")),
    keyFirst: new Int32Array(count),
    keySecond: new Int32Array(count),
    squares: new Int32Array(count),
    removed: new Uint8Array(count),
    vectors: new Int8Array(sizes("vectors")),
  };
}

/** Adds what came after the merge to an index whose merged part is there; says what does not fit together. */
export function restoreChanges(state: FreshnessState, arrays: ReturnType<typeof roomForChanges>): string | undefined {
  const { pending, dictionary } = state;
  const { dimensions } = pending;
  const count = arrays.removed.length;
  const names: unknown = JSON.parse(Buffer.from(arrays.names).toString());
  const fits =
    arrays.vectors.length === count * dimensions &&
    arrays.wordOffsets[count] === arrays.wordIds.length &&
    arrays.phraseOffsets[count] === arrays.phraseFirst.length;
  if (!fits || !isNames(names, count)) return "its pending samples do not fit together";
  for (let i = 0; i < arrays.wordFirst.length; i++) addWord(dictionary, arrays.wordFirst[i] ?? 0, arrays.wordSecond[i] ?? 0);
  reserveColumns(pending, count, arrays.wordIds.length, arrays.phraseFirst.length);
  const { vectors } = arrays;
  pending.atMs.set(arrays.atMs);
  pending.wordOffsets.set(arrays.wordOffsets);
  pending.wordIds.set(arrays.wordIds);
  pending.phraseOffsets.set(arrays.phraseOffsets);
  pending.phraseFirst.set(arrays.phraseFirst);
  pending.phraseSecond.set(arrays.phraseSecond);
  pending.keyFirst.set(arrays.keyFirst);
  pending.keySecond.set(arrays.keySecond);
  pending.squares.set(arrays.squares);
  pending.removed.set(arrays.removed);
  for (let n = 0; n < count; n++) {
    blockOf(pending, n).set(vectors.subarray(n * dimensions, (n + 1) * dimensions), vectorAt(pending, n));
    pending.ids.push(names[0][n] ?? "");
    pending.types.push(names[1][n] ?? "");
    pending.count++;
    registerPending(state, n);
  }
  for (const sample of arrays.removedFromBase) removeFromBase(state, sample);
  return undefined;
}

/** Ids and types, as many as there are samples. */
function isNames(value: unknown, count: number): value is readonly [readonly string[], readonly string[]] {
  const isList = (list: unknown): boolean =>
    Array.isArray(list) && list.length === count && list.every((item: unknown) => typeof item === "string");
  return Array.isArray(value) && value.length === 2 && value.every(isList);
}
