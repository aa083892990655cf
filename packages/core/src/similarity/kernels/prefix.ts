// Typed arrays and loops only: the rarest shingles of a set, found without sorting.
import { MOST_COUNTED } from "./frequencies.ts";
import { ROUNDING } from "./jaccard.ts";

/** The first shingles of one set under the order (frequency, value): filled again for each set. */
export interface Prefix {
  size: number;
  /** How many singletons come before the first token; they match nothing, use up places and are left out. */
  skipped: number;
  tokens: Int32Array;
  /** 1 where the frequency of the token reached {@link MOST_COUNTED}. */
  frequent: Uint8Array;
  readonly starts: Int32Array;
}

export function newPrefix(): Prefix {
  return { size: 0, skipped: 0, tokens: new Int32Array(512), frequent: new Uint8Array(512), starts: new Int32Array(MOST_COUNTED + 2) };
}

/** How many of the rarest shingles of a set must be looked at: |x| - ceil(t |x|) + 1; none of the empty set. */
function prefixPlaces(size: number, threshold: number): number {
  return size === 0 ? 0 : size - Math.ceil(threshold * size - ROUNDING) + 1;
}

/**
 * Finds the rarest of the shingles `values[start .. end)`: two sets whose Jaccard similarity reaches the threshold share one of them.
 *
 * They are laid out by counting: the range is ascending already, which settles equal frequencies. Linear.
 *
 * @param counts - Frequency of the value at `start + i` at `countsStart + i`.
 * @param lowest - 2 leaves singletons out; 0 keeps them, for an index that still grows.
 */
export function fillPrefix(
  prefix: Prefix,
  values: Int32Array,
  start: number,
  end: number,
  counts: Uint8Array,
  countsStart: number,
  threshold: number,
  lowest: 0 | 2,
): void {
  const size = end - start;
  prefix.size = 0;
  let singletons = 0;
  if (lowest === 2) for (let i = 0; i < size; i++) if (counts[countsStart + i] === 1) singletons++;
  prefix.skipped = singletons;
  const places = Math.min(prefixPlaces(size, threshold), size) - singletons;
  if (places <= 0) return;
  if (places > prefix.tokens.length) {
    prefix.tokens = new Int32Array(places * 2);
    prefix.frequent = new Uint8Array(places * 2);
  }
  const { tokens, frequent, starts } = prefix;

  starts.fill(0);
  for (let i = 0; i < size; i++) starts[counts[countsStart + i] + 1]++;
  for (let count = 0; count < lowest; count++) starts[count + 1] = 0;
  // Where each frequency begins, up to the one with which the places run out.
  let last: number = lowest;
  for (; last < MOST_COUNTED && starts[last] + starts[last + 1] < places; last++) starts[last + 1] += starts[last];
  for (let i = 0; i < size; i++) {
    const count = counts[countsStart + i];
    if (count < lowest || count > last) continue;
    const place = starts[count]++;
    if (place >= places) continue;
    tokens[place] = values[start + i];
    frequent[place] = count === MOST_COUNTED ? 1 : 0;
  }
  prefix.size = places;
}
