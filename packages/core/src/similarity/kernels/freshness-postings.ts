// Tight loops over typed arrays: which samples hold a 64-bit hash, as three parallel arrays sorted by its first half.

/** Sorted by `hash` as an unsigned number, equal ones by sample; `starts` cuts by the upper 16 bits. 12 bytes an entry, no dictionary. */
export interface Postings {
  readonly hash: Int32Array;
  readonly check: Int32Array;
  readonly sample: Uint32Array;
  readonly starts: Uint32Array;
}

/** Sorts in three stable passes over 11, 11 and 10 bits; the arrays given are used as working space. */
export function sortPostings(hash: Int32Array, check: Int32Array, sample: Uint32Array): Postings {
  const { length } = hash;
  let from: Entries = { hash, check, sample };
  let into: Entries = { hash: new Int32Array(length), check: new Int32Array(length), sample: new Uint32Array(length) };
  for (const [shift, bits] of PASSES) {
    pass(from, into, shift, 1 << bits);
    [from, into] = [into, from];
  }
  const starts = new Uint32Array(2 ** 16 + 1);
  for (let i = 0; i < length; i++) starts[(from.hash[i] >>> 16) + 1]++;
  for (let i = 0; i < 2 ** 16; i++) starts[i + 1] += starts[i];
  return { ...from, starts };
}

const PASSES: readonly (readonly [number, number])[] = [
  [0, 11],
  [11, 11],
  [22, 10],
];

type Entries = Omit<Postings, "starts">;

function pass(from: Entries, into: Entries, shift: number, buckets: number): void {
  const { hash, check, sample } = from;
  const next = new Uint32Array(buckets + 1);
  const mask = buckets - 1;
  for (let i = 0; i < hash.length; i++) next[((hash[i] >>> shift) & mask) + 1]++;
  for (let i = 0; i < buckets; i++) next[i + 1] += next[i];
  for (let i = 0; i < hash.length; i++) {
    const at: number = next[(hash[i] >>> shift) & mask]++;
    into.hash[at] = hash[i];
    into.check[at] = check[i];
    into.sample[at] = sample[i];
  }
}

/** Where the entries of a hash begin; there are none when another hash, or the end, stands there. */
export function firstEntry({ hash, starts }: Postings, wanted: number): number {
  const target = wanted >>> 0;
  let low = starts[target >>> 16];
  let high = starts[(target >>> 16) + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hash[middle] >>> 0 < target) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first place of `low` to `high` whose number is `wanted` or more, in ascending numbers. */
export function lowerBound(numbers: Uint32Array, low: number, high: number, wanted: number): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (numbers[middle] < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
