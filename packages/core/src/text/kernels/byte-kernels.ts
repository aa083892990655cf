import { TilthError } from "../../errors.ts";
import type { ShingleSets } from "./shingle-sets.ts";

/**
 * Texts become words, shingles, sketches and sums of vectors here. Both engines give the same bits.
 *
 * Texts are normalised by `normalizeText`, encoded as UTF-8 (a lone surrogate as U+FFFD) and cut where `words` cuts them.
 */
export interface ByteKernels {
  readonly engine: "wasm" | "typescript";
  /** Changes whenever the same texts would give other hashes: stored beside whatever is kept of them. */
  readonly version: string;
  /**
   * The set of hashes of each `shingleWords` words in a row, for every text.
   *
   * A text of fewer words has one shingle of all of them, a text without words the empty set. Linear in the texts, whatever they hold; a text
   * of more than about 350 000 characters goes through the slower engine, piece by piece.
   *
   * @throws {@link TilthError} `input/invalid` unless `shingleWords` is a whole number from 1 to 64.
   */
  shingleSets(texts: readonly string[], shingleWords: number): ShingleSets;
  /**
   * One key a band of each set, column-major: `keys[band * count + set]`. Two sets share the key of a band with the probability
   * `similarity ** rows`; sharing one proves nothing, so candidates are to be verified.
   *
   * An empty set has the key 0 in every band and is to be left out: it is like nothing.
   *
   * @throws {@link TilthError} `input/invalid` unless bands and rows are whole numbers from 1 and their product is at most 4096.
   */
  bandKeys(sets: ShingleSets, sketch: SketchPlan): Int32Array;
  /** Takes a table over, once; it is freed with the kernels. */
  rowTable(table: RowTableOptions): RowTable;
}

/** How sets become band keys; keys of different plans never meet. */
export interface SketchPlan {
  readonly bands: number;
  readonly rows: number;
  /** `classic` is faster for sets below about 400 shingles, `fast` above; keys of the two never meet. */
  readonly family: "classic" | "fast";
  readonly seed: number;
}

export interface RowTableOptions {
  readonly dimensions: number;
  /** Row-major, `dimensions` for each row. */
  readonly rows: Int8Array;
  /** What each row is multiplied by: as many as there are rows. */
  readonly scales: Float32Array;
}

export interface RowTable {
  /**
   * Adds up rows, each times its scale, in the order of the list, rounded to 32 bits at every step.
   *
   * @param ids - Numbers of rows, list after list; a row may stand in a list several times.
   * @param ends - Where each list ends in `ids`, ascending.
   * @returns One sum for each list, row-major; zeros for an empty list.
   * @throws {@link TilthError} `input/invalid` for a row that the table does not have, or where `ends` leads past the ids.
   */
  sums(ids: Int32Array, ends: Int32Array): Float32Array;
}

/** Both engines are one version: they are equal bit for bit. */
export const BYTE_KERNELS_VERSION = "1";

const MOST_SHINGLE_WORDS = 64;
const MOST_SLOTS = 4096;

/** @throws {@link TilthError} `input/invalid` */
export function checkShingleWords(shingleWords: number): void {
  if (Number.isInteger(shingleWords) && shingleWords >= 1 && shingleWords <= MOST_SHINGLE_WORDS) return;
  throw new TilthError("input/invalid", {
    where: "shingleWords",
    problem: `${shingleWords} is no whole number from 1 to ${MOST_SHINGLE_WORDS}`,
  });
}

/** @throws {@link TilthError} `input/invalid` */
export function checkSketchPlan({ bands, rows }: SketchPlan): void {
  const whole = Number.isInteger(bands) && Number.isInteger(rows) && bands >= 1 && rows >= 1;
  if (whole && bands * rows <= MOST_SLOTS) return;
  throw new TilthError("input/invalid", {
    where: "sketch",
    problem: `${bands} bands of ${rows} rows are none, or more than ${MOST_SLOTS} slots`,
  });
}

/** @throws {@link TilthError} `input/invalid` */
export function checkRowTable({ dimensions, rows, scales }: RowTableOptions): void {
  if (Number.isInteger(dimensions) && dimensions >= 1 && rows.length === scales.length * dimensions) return;
  const problem = `${rows.length} numbers are not ${scales.length} rows of ${dimensions}`;
  throw new TilthError("input/invalid", { where: "table", problem });
}

/** @throws {@link TilthError} `input/invalid` */
export function checkRowLists(ids: Int32Array, ends: Int32Array, rowCount: number): void {
  let before = 0;
  for (const end of ends) {
    if (end < before || end > ids.length) throw new TilthError("input/invalid", { where: "ends", problem: `${end} is no end of a list` });
    before = end;
  }
  for (const id of ids) {
    if (id < 0 || id >= rowCount) throw new TilthError("input/invalid", { where: "ids", problem: `there is no row ${id}` });
  }
}
