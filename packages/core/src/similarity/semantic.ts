import { TilthError } from "../errors.ts";
import { type VectorKernels, loadVectorKernels } from "../text/kernels/load-vectors.ts";
import { dotBetween } from "../text/kernels/vectors.ts";
import { paddedDimensions } from "./freshness-vectors.ts";

/** Vectors in the memory that the kernels scan. */
export interface VectorSet {
  readonly count: number;
  /** Numbers in a vector as it was given. */
  readonly dimensions: number;
  readonly kernels: VectorKernels;
  /** Numbers in a row: the dimensions, filled up with zeros. */
  readonly rowLength: number;
  readonly rows: Int8Array;
  /** Norm of each row. */
  readonly norms: Float64Array;
}

/** A vector of the set, with the exact cosine. */
export interface SemanticNeighbour {
  readonly index: number;
  readonly cosine: number;
}

/** Two vectors of the set, `left < right`. */
export interface SemanticPair {
  readonly left: number;
  readonly right: number;
  readonly cosine: number;
}

/** What lies below is the module's own. */
const QUERY_AT = 1_024;

/**
 * Takes vectors in for searches by meaning. Such finds are shown to people and never delete anything.
 *
 * @param vectors - Row after row, `count * dimensions` canonical int8 numbers of one embedder.
 * @throws {@link TilthError} `input/invalid` for a number of values that makes no whole rows; `embed/too-many-vectors` above 4 GiB.
 */
export function createVectorSet(vectors: Int8Array, dimensions: number, options: { readonly wasm?: boolean } = {}): VectorSet {
  const count = vectors.length / dimensions;
  if (!Number.isInteger(count))
    throw new TilthError("input/invalid", { where: "vectors", problem: `${vectors.length} numbers are no rows of ${dimensions}` });
  const rowLength = paddedDimensions(dimensions);
  const rowsAt = QUERY_AT + rowLength;
  const kernels = loadVectorKernels({ bytes: rowsAt + count * (rowLength + 4), wasm: options.wasm });
  const rows = new Int8Array(kernels.buffer, rowsAt, count * rowLength);
  const norms = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    rows.set(vectors.subarray(i * dimensions, (i + 1) * dimensions), i * rowLength);
    norms[i] = Math.sqrt(dotBetween(rows, i * rowLength, rows, i * rowLength, rowLength));
  }
  return { count, dimensions, kernels, rowLength, rows, norms };
}

/**
 * The nearest vectors of a set by cosine, exactly: nearest first, of equal ones the smaller index.
 *
 * One scan over the set. A vector of zeros is near to nothing, and nothing is near to it.
 *
 * @param options.k - How many. @defaultValue 1
 * @param options.exclude - Indexes that are left out, such as the vector's own.
 */
export function nearestVectors(
  set: VectorSet,
  vector: Int8Array,
  options: { readonly k?: number; readonly exclude?: Iterable<number> } = {},
): readonly SemanticNeighbour[] {
  const { count, kernels, rowLength, rows, norms } = set;
  const { k = 1 } = options;
  const excluded = new Set(options.exclude);
  const query = new Int8Array(kernels.buffer, QUERY_AT, rowLength).fill(0);
  query.set(vector.subarray(0, set.dimensions));
  const norm = Math.sqrt(dotBetween(query, 0, query, 0, rowLength));
  const found: SemanticNeighbour[] = [];
  if (norm === 0 || k < 1) return found;
  // Rows are whole sixteens of bytes, so the products that follow them are aligned.
  const dotsAt = rows.byteOffset + rows.length;
  if (rowLength === 128) kernels.dots128(QUERY_AT, rows.byteOffset, count, dotsAt);
  else kernels.dots(QUERY_AT, rows.byteOffset, count, rowLength, dotsAt);
  const dots = new Int32Array(kernels.buffer, dotsAt, count);
  for (let index = 0; index < count; index++) {
    const own = norms[index] ?? 0;
    if (own === 0 || excluded.has(index)) continue;
    const cosine = (dots[index] ?? 0) / (norm * own);
    if (found.length === k && cosine <= (found[k - 1]?.cosine ?? -1)) continue;
    let at = found.length;
    while (at > 0 && (found[at - 1]?.cosine ?? 1) < cosine) at--;
    found.splice(at, 0, { index, cosine });
    if (found.length > k) found.pop();
  }
  return found;
}

/**
 * The pairs inside lists of candidates whose cosine reaches a threshold, each once, the nearest first.
 *
 * Time: the square of each list's length.
 *
 * @param lists - Indexes that are worth comparing with each other, for instance the near-duplicates of one bucket.
 */
export function similarPairs(set: VectorSet, lists: Iterable<readonly number[]>, threshold: number): readonly SemanticPair[] {
  const { count, rowLength, rows, norms } = set;
  const met = new Set<number>();
  const pairs: SemanticPair[] = [];
  for (const list of lists) {
    const members = [...new Set(list)].filter((index) => (norms[index] ?? 0) > 0).toSorted((left, right) => left - right);
    for (const [i, left] of members.entries()) {
      for (const right of members.slice(i + 1)) {
        const key = left * count + right;
        const dot = dotBetween(rows, left * rowLength, rows, right * rowLength, rowLength);
        const cosine = dot / ((norms[left] ?? 0) * (norms[right] ?? 0));
        if (cosine < threshold || met.has(key)) continue;
        met.add(key);
        pairs.push({ left, right, cosine });
      }
    }
  }
  return pairs.sort((a, b) => b.cosine - a.cosine || a.left - b.left || a.right - b.right);
}
