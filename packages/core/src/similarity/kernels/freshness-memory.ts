// Tight loops over typed arrays: the int8 vectors of a pool in the one memory that the vector kernels read.
import { type VectorKernels, loadVectorKernels } from "../../text/kernels/load-vectors.ts";
import { normRoundedUp } from "../../text/kernels/vectors.ts";

/** Dimensions scanned first. Axes ordered by variance put most of a product there; any other order costs time, never an answer. */
const HEAD_DIMENSIONS = 128;
/** Samples whose survivors are looked at before the thresholds are tightened. */
export const CHUNK = 16_384;
/** Texts of this many words and more share one length class. */
export const LONGEST = 1_024;

/** Words of a query that a sample was counted for; more than this are not told apart. */
export const MOST_COUNTED = 255;

/** Bits of `states`: a sample with any bit that a search asks for is not met. */
export const REMOVED = 1;
export const OUTSIDE_WINDOW = 2;
export const EXCLUDED = 4;
export const SEEN = 8;

/** Vectors in two planes, and what a scan reads and writes beside them; every array is a view of the kernels' memory. */
export interface VectorMemory {
  readonly kernels: VectorKernels;
  readonly dimensions: number;
  readonly headDimensions: number;
  readonly queryAt: number;
  readonly headsAt: number;
  readonly restsAt: number;
  readonly restNormsAt: number;
  readonly inversesAt: number;
  readonly classesAt: number;
  readonly countsAt: number;
  readonly thresholdsAt: number;
  readonly statesAt: number;
  readonly dotsAt: number;
  readonly outAt: number;
  readonly query: Int8Array;
  readonly heads: Int8Array;
  readonly rests: Int8Array;
  /** Norms of the rests, rounded up. */
  readonly restNorms: Float32Array;
  /** 1 / norm; 0 for a vector of zeros. */
  readonly inverses: Float32Array;
  /** Number of words, at most {@link LONGEST}. */
  readonly classes: Uint16Array;
  /** Shared words of each sample that were counted so far; all zero between two searches. */
  readonly counts: Uint8Array;
  /** A row for each count, a column for each class up to the longest that there is. */
  readonly thresholds: Float32Array;
  readonly states: Uint8Array;
  readonly dots: Int32Array;
  readonly out: Int32Array;
}

/**
 * @param dimensions - A multiple of 16.
 * @throws {@link TilthError} `embed/too-many-vectors` where they would not fit into one memory.
 */
export function newVectorMemory(count: number, dimensions: number, wasm: boolean): VectorMemory {
  const headDimensions = Math.min(HEAD_DIMENSIONS, dimensions);
  const restDimensions = dimensions - headDimensions;
  // What lies below is the module's own.
  let end = 1_024;
  const place = (bytes: number): number => {
    const at = end;
    end = Math.ceil((end + bytes) / 16) * 16;
    return at;
  };
  const queryAt = place(dimensions);
  const headsAt = place(count * headDimensions);
  const restsAt = place(count * restDimensions);
  const restNormsAt = place(count * 4);
  const inversesAt = place(count * 4);
  const classesAt = place(count * 2);
  const countsAt = place(count);
  const thresholdsAt = place((MOST_COUNTED + 1) * (LONGEST + 1) * 4);
  const statesAt = place(count);
  const dotsAt = place(count * 4);
  const outAt = place(CHUNK * 4);
  const kernels = loadVectorKernels({ bytes: end, wasm });
  const { buffer } = kernels;
  return {
    kernels,
    dimensions,
    headDimensions,
    queryAt,
    headsAt,
    restsAt,
    restNormsAt,
    inversesAt,
    classesAt,
    countsAt,
    thresholdsAt,
    statesAt,
    dotsAt,
    outAt,
    query: new Int8Array(buffer, queryAt, dimensions),
    heads: new Int8Array(buffer, headsAt, count * headDimensions),
    rests: new Int8Array(buffer, restsAt, count * restDimensions),
    restNorms: new Float32Array(buffer, restNormsAt, count),
    inverses: new Float32Array(buffer, inversesAt, count),
    classes: new Uint16Array(buffer, classesAt, count),
    counts: new Uint8Array(buffer, countsAt, count),
    thresholds: new Float32Array(buffer, thresholdsAt, (MOST_COUNTED + 1) * (LONGEST + 1)),
    states: new Uint8Array(buffer, statesAt, count),
    dots: new Int32Array(buffer, dotsAt, count),
    out: new Int32Array(buffer, outAt, CHUNK),
  };
}

/** Puts a vector into both planes. */
export function putVector(memory: VectorMemory, n: number, vector: Int8Array, from: number): void {
  const { dimensions, headDimensions, heads, rests } = memory;
  const restDimensions = dimensions - headDimensions;
  for (let k = 0; k < headDimensions; k++) heads[n * headDimensions + k] = vector[from + k];
  for (let k = 0; k < restDimensions; k++) rests[n * restDimensions + k] = vector[from + headDimensions + k];
}

/** Takes a vector back out of both planes. */
export function takeVector(memory: VectorMemory, n: number, out: Int8Array, outAt: number): void {
  const { dimensions, headDimensions, heads, rests } = memory;
  const restDimensions = dimensions - headDimensions;
  for (let k = 0; k < headDimensions; k++) out[outAt + k] = heads[n * headDimensions + k];
  for (let k = 0; k < restDimensions; k++) out[outAt + headDimensions + k] = rests[n * restDimensions + k];
}

/** Fills what follows from the vectors and their number of words: norms and length classes. */
export function deriveNorms(memory: VectorMemory, squares: Int32Array, wordOffsets: Uint32Array): void {
  const { rests, restNorms, inverses, classes } = memory;
  const restDimensions = memory.dimensions - memory.headDimensions;
  for (let n = 0; n < squares.length; n++) {
    restNorms[n] = normRoundedUp(rests, n * restDimensions, (n + 1) * restDimensions);
    inverses[n] = squares[n] === 0 ? 0 : 1 / Math.sqrt(squares[n]);
    classes[n] = Math.min(LONGEST, wordOffsets[n + 1] - wordOffsets[n]);
  }
}
