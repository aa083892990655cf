// Tight loops over typed arrays: puts samples into the form that is searched, and takes them out again to add others.
// Samples are renumbered by type, then number of words, then id: so every posting list is cut by type and by length with a binary search.
import { type Columns, blockOf, newColumns, reserveColumns, vectorAt } from "./freshness-columns.ts";
import { type Dictionary, renumber } from "./freshness-dictionary.ts";
import { type Ids, idAt, packIds } from "./freshness-ids.ts";
import { LONGEST, REMOVED, type VectorMemory, deriveNorms, newVectorMemory, putVector, takeVector } from "./freshness-memory.ts";
import { type Postings, sortPostings } from "./freshness-postings.ts";

/** The merged part of an index: nothing but `memory.states` changes once it is made. */
export interface Base {
  readonly count: number;
  /** Ascending; the samples of type `t` are those from `typeStarts[t]` to `typeStarts[t + 1]`. */
  readonly types: readonly string[];
  readonly typeStarts: Uint32Array;
  /** The first sample of type `t` with `L` words or more is `lengthStarts[t * (LONGEST + 2) + L]`. */
  readonly lengthStarts: Uint32Array;
  readonly ids: Ids;
  /** Place of a sample's id among all ids, and the sample of each place. */
  readonly rank: Uint32Array;
  readonly byRank: Uint32Array;
  readonly atMs: Float64Array;
  /** Words of each sample, rarest first: the words are numbered by how many samples hold them. */
  readonly wordOffsets: Uint32Array;
  readonly wordIds: Uint32Array;
  /** Samples of each word, ascending. */
  readonly wordStarts: Uint32Array;
  readonly wordSamples: Uint32Array;
  readonly phraseCounts: Uint32Array;
  readonly phrases: Postings;
  /** Whole sequences of words. */
  readonly keys: Postings;
  /** Squared norms. */
  readonly squares: Int32Array;
  /** Columns of the thresholds: one more than the longest length class. */
  readonly columns: number;
  readonly memory: VectorMemory;
}

/** What can be written down of a base; the rest follows from it. */
export type BaseArrays = Omit<Base, "count" | "types" | "lengthStarts" | "byRank" | "columns" | "memory">;

/**
 * Puts samples into the form that is searched; of equal ids the last one counts. Removed ones, and words that only they had, are left out.
 *
 * @throws {@link TilthError} `embed/too-many-vectors` where they would not fit into one memory.
 */
export function assemble(
  columns: Columns,
  dictionary: Dictionary,
  wasm: boolean,
): { readonly base: Base; readonly dictionary: Dictionary } {
  const byId = sortedById(columns);
  const { types, typeStarts, order } = sortedByTypeAndLength(columns, byId);
  const count = order.length;
  const { numbers, vocabulary } = numberByFrequency(columns, order, dictionary.count);
  const words = fillWords(columns, order, numbers, vocabulary);
  const { phraseCounts, phrases } = fillPhrases(columns, order);
  const memory = newVectorMemory(count, columns.dimensions, wasm);
  const rank = new Uint32Array(count);
  const squares = new Int32Array(count);
  const atMs = new Float64Array(count);
  const rankOfSample = new Uint32Array(columns.count);
  for (let r = 0; r < byId.length; r++) rankOfSample[byId[r]] = r;
  for (let n = 0; n < count; n++) {
    const sample: number = order[n];
    rank[n] = rankOfSample[sample];
    squares[n] = columns.squares[sample];
    atMs[n] = columns.atMs[sample];
    putVector(memory, n, blockOf(columns, sample), vectorAt(columns, sample));
  }
  const keys = sortPostings(pick(columns.keyFirst, order), pick(columns.keySecond, order), Uint32Array.from(order.keys()));
  const ids = packIds(Array.from(byId, (sample) => columns.ids[sample]));
  const arrays = { typeStarts, ids, rank, atMs, ...words, phraseCounts, phrases, keys, squares };
  return { base: completeBase(arrays, types, memory), dictionary: renumber(dictionary, numbers, vocabulary) };
}

/** A base from what was written down of it; the vectors lie in `memory` already. */
export function completeBase(arrays: BaseArrays, types: readonly string[], memory: VectorMemory): Base {
  const { rank, typeStarts, wordOffsets, squares } = arrays;
  const byRank = new Uint32Array(rank.length);
  for (let n = 0; n < rank.length; n++) byRank[rank[n]] = n;
  deriveNorms(memory, squares, wordOffsets);
  const lengthStarts = new Uint32Array(types.length * (LONGEST + 2));
  for (let t = 0; t < types.length; t++) {
    let n = typeStarts[t];
    for (let length = 0; length <= LONGEST + 1; length++) {
      while (n < typeStarts[t + 1] && memory.classes[n] < length) n++;
      lengthStarts[t * (LONGEST + 2) + length] = n;
    }
  }
  const columns = 1 + memory.classes.reduce((longest, length) => Math.max(longest, length), 0);
  return { ...arrays, count: rank.length, types, byRank, lengthStarts, columns, memory };
}

/** The samples of a base, in the order of their ids, as columns that others can be appended to; word numbers stay. */
export function disassemble(base: Base): Columns {
  const { count, ids, byRank, types, typeStarts, rank, memory, wordOffsets, wordIds, phraseCounts, phrases, keys } = base;
  const columns = newColumns(memory.dimensions);
  reserveColumns(columns, count, wordIds.length, phrases.hash.length);
  columns.count = count;
  const typeOf = new Uint32Array(count);
  for (let t = 0; t < types.length; t++) typeOf.fill(t, typeStarts[t], typeStarts[t + 1]);
  for (let r = 0; r < count; r++) {
    const n: number = byRank[r];
    columns.ids.push(idAt(ids, r));
    const type: string = types[typeOf[n]];
    columns.types.push(type);
    columns.atMs[r] = base.atMs[n];
    columns.squares[r] = base.squares[n];
    columns.removed[r] = memory.states[n] & REMOVED;
    columns.wordIds.set(wordIds.subarray(wordOffsets[n], wordOffsets[n + 1]), columns.wordOffsets[r]);
    columns.wordOffsets[r + 1] = columns.wordOffsets[r] + wordOffsets[n + 1] - wordOffsets[n];
    columns.phraseOffsets[r + 1] = columns.phraseOffsets[r] + phraseCounts[n];
    takeVector(memory, n, blockOf(columns, r), vectorAt(columns, r));
  }
  const next = columns.phraseOffsets.slice(0, count);
  for (let i = 0; i < phrases.hash.length; i++) {
    const r: number = rank[phrases.sample[i]];
    const at: number = next[r]++;
    columns.phraseFirst[at] = phrases.hash[i];
    columns.phraseSecond[at] = phrases.check[i];
  }
  for (let i = 0; i < count; i++) {
    const r: number = rank[keys.sample[i]];
    columns.keyFirst[r] = keys.hash[i];
    columns.keySecond[r] = keys.check[i];
  }
  return columns;
}

/** Appends the samples of other columns whose words have the same numbers. */
export function appendColumns(columns: Columns, more: Columns): void {
  const { count } = columns;
  const words = more.wordOffsets[more.count];
  const phrases = more.phraseOffsets[more.count];
  reserveColumns(columns, more.count, words, phrases);
  const wordsAt = columns.wordOffsets[count];
  const phrasesAt = columns.phraseOffsets[count];
  columns.wordIds.set(more.wordIds.subarray(0, words), wordsAt);
  columns.phraseFirst.set(more.phraseFirst.subarray(0, phrases), phrasesAt);
  columns.phraseSecond.set(more.phraseSecond.subarray(0, phrases), phrasesAt);
  for (let i = 0; i < more.count; i++) {
    const n = count + i;
    columns.ids.push(more.ids[i]);
    columns.types.push(more.types[i]);
    columns.atMs[n] = more.atMs[i];
    columns.squares[n] = more.squares[i];
    columns.removed[n] = more.removed[i];
    columns.keyFirst[n] = more.keyFirst[i];
    columns.keySecond[n] = more.keySecond[i];
    columns.wordOffsets[n + 1] = wordsAt + more.wordOffsets[i + 1];
    columns.phraseOffsets[n + 1] = phrasesAt + more.phraseOffsets[i + 1];
    const from = vectorAt(more, i);
    blockOf(columns, n).set(blockOf(more, i).subarray(from, from + more.dimensions), vectorAt(columns, n));
  }
  columns.count += more.count;
}

/** The samples that stay, ascending by id. */
function sortedById({ count, ids, removed }: Columns): Uint32Array {
  const alive: number[] = [];
  let ascending = true;
  for (let n = 0; n < count; n++) {
    if (removed[n] !== 0) continue;
    if (alive.length > 0 && ids[alive[alive.length - 1]] >= ids[n]) ascending = false;
    alive.push(n);
  }
  if (ascending) return Uint32Array.from(alive);
  alive.sort((left, right) => (ids[left] < ids[right] ? -1 : ids[left] > ids[right] ? 1 : left - right));
  return Uint32Array.from(alive.filter((n, at) => at + 1 === alive.length || ids[n] !== ids[alive[at + 1]]));
}

/** A counting sort, which keeps the order by id within samples of one type and length. */
function sortedByTypeAndLength({ types: typeOf, wordOffsets }: Columns, byId: Uint32Array) {
  const names: string[] = Array.from(byId, (sample) => typeOf[sample]);
  const types = [...new Set(names)].toSorted();
  const numberOf = new Map(types.map((type, t) => [type, t]));
  const classes = LONGEST + 1;
  const next = new Uint32Array(types.length * classes + 1);
  const keys = new Uint32Array(byId.length);
  for (let r = 0; r < byId.length; r++) {
    const sample: number = byId[r];
    const length = Math.min(LONGEST, wordOffsets[sample + 1] - wordOffsets[sample]);
    keys[r] = (numberOf.get(typeOf[sample]) ?? 0) * classes + length;
    next[keys[r] + 1]++;
  }
  for (let k = 0; k < types.length * classes; k++) next[k + 1] += next[k];
  const typeStarts = Uint32Array.from({ length: types.length + 1 }, (_, t) => next[t * classes]);
  const order = new Uint32Array(byId.length);
  for (let r = 0; r < byId.length; r++) order[next[keys[r]]++] = byId[r];
  return { types, typeStarts, order };
}

/** New numbers of the words, rarest first; -1 for those that no sample holds any more. */
function numberByFrequency({ wordOffsets, wordIds }: Columns, order: Uint32Array, known: number) {
  const frequency = new Uint32Array(known);
  for (let n = 0; n < order.length; n++)
    for (let i: number = wordOffsets[order[n]]; i < wordOffsets[order[n] + 1]; i++) frequency[wordIds[i]]++;
  // Frequency and number in one float: 2^27 samples and 2^26 words fit, more than one memory of vectors does.
  const used = Float64Array.from(frequency, (held, word) => held * 2 ** 26 + word)
    .filter((_, word) => frequency[word] > 0)
    .sort();
  const numbers = new Int32Array(known).fill(-1);
  for (let i = 0; i < used.length; i++) numbers[used[i] % 2 ** 26] = i;
  return { numbers, vocabulary: used.length };
}

function fillWords(columns: Columns, order: Uint32Array, numbers: Int32Array, vocabulary: number) {
  const wordOffsets = new Uint32Array(order.length + 1);
  for (let n = 0; n < order.length; n++)
    wordOffsets[n + 1] = wordOffsets[n] + columns.wordOffsets[order[n] + 1] - columns.wordOffsets[order[n]];
  const wordIds = new Uint32Array(wordOffsets[order.length]);
  const wordStarts = new Uint32Array(vocabulary + 1);
  for (let n = 0; n < order.length; n++) {
    let at = wordOffsets[n];
    for (let i: number = columns.wordOffsets[order[n]]; i < columns.wordOffsets[order[n] + 1]; i++) {
      const word: number = numbers[columns.wordIds[i]];
      wordIds[at++] = word;
      wordStarts[word + 1]++;
    }
    sortStretch(wordIds, wordOffsets[n], at);
  }
  for (let word = 0; word < vocabulary; word++) wordStarts[word + 1] += wordStarts[word];
  const wordSamples = new Uint32Array(wordIds.length);
  const next = wordStarts.slice();
  for (let n = 0; n < order.length; n++)
    for (let i: number = wordOffsets[n]; i < wordOffsets[n + 1]; i++) wordSamples[next[wordIds[i]]++] = n;
  return { wordOffsets, wordIds, wordStarts, wordSamples };
}

/** Insertion sort for the usual text; a view a sample would cost more than it sorts. */
function sortStretch(numbers: Uint32Array, from: number, to: number): void {
  if (to - from > 64) {
    numbers.subarray(from, to).sort();
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const value: number = numbers[i];
    let at = i;
    while (at > from && numbers[at - 1] > value) {
      numbers[at] = numbers[at - 1];
      at--;
    }
    numbers[at] = value;
  }
}

function fillPhrases(columns: Columns, order: Uint32Array) {
  const { phraseOffsets, phraseFirst, phraseSecond } = columns;
  const phraseCounts = new Uint32Array(order.length);
  let total = 0;
  for (let n = 0; n < order.length; n++) {
    phraseCounts[n] = phraseOffsets[order[n] + 1] - phraseOffsets[order[n]];
    total += phraseCounts[n];
  }
  const hash = new Int32Array(total);
  const check = new Int32Array(total);
  const sample = new Uint32Array(total);
  let at = 0;
  for (let n = 0; n < order.length; n++) {
    for (let i: number = phraseOffsets[order[n]]; i < phraseOffsets[order[n] + 1]; i++) {
      hash[at] = phraseFirst[i];
      check[at] = phraseSecond[i];
      sample[at++] = n;
    }
  }
  return { phraseCounts, phrases: sortPostings(hash, check, sample) };
}

function pick(numbers: Int32Array, order: Uint32Array): Int32Array {
  const picked = new Int32Array(order.length);
  for (let n = 0; n < order.length; n++) picked[n] = numbers[order[n]];
  return picked;
}
