// Tight loops over typed arrays: dot products of int8 vectors, and the plain twin of vectors.wasm, equal to it bit for bit.

/**
 * The exports of `vectors.wasm`: pointers are byte offsets in one memory, dimensions are multiples of 16.
 *
 * Products are whole numbers and comparisons are made in 32-bit floats, so both engines decide alike.
 */
export interface VectorFunctions {
  /** Dot products of one query with `count` vectors that lie one after the other, as int32 from `out` on. */
  readonly dots: (query: number, vectors: number, count: number, dimensions: number, out: number) => void;
  /** The same for 128 dimensions, faster. */
  readonly dots128: (query: number, vectors: number, count: number, out: number) => void;
  /** The vector of `from` to `to` with the largest `dot * inverse` whose state has none of the bits of `mask`; -1 when there is none. */
  readonly nearest: (dotsAt: number, inverses: number, states: number, mask: number, from: number, to: number) => number;
  /**
   * Writes the vectors of `from` to `to` that can lie above their threshold to `out`, and returns how many. Thresholds are a table with a
   * row for each count and a column for each class.
   */
  readonly above: (
    dotsAt: number,
    queryRest: number,
    rests: number,
    restDimensions: number,
    queryRestNorm: number,
    restNorms: number,
    inverses: number,
    classes: number,
    counts: number,
    columns: number,
    thresholds: number,
    states: number,
    mask: number,
    from: number,
    to: number,
    out: number,
  ) => number;
}

/** The same functions without WebAssembly: fallback where SIMD is missing, and oracle of the tests. */
export function twinFunctions(buffer: ArrayBuffer): VectorFunctions {
  const int8 = new Int8Array(buffer);
  const uint8 = new Uint8Array(buffer);
  const uint16 = new Uint16Array(buffer);
  const int32 = new Int32Array(buffer);
  const float32 = new Float32Array(buffer);

  const dots: VectorFunctions["dots"] = (query, vectors, count, dimensions, out) => {
    for (let i = 0; i < count; i++) int32[(out >>> 2) + i] = dotBetween(int8, query, int8, vectors + i * dimensions, dimensions);
  };

  return {
    dots,
    dots128: (query, vectors, count, out) => dots(query, vectors, count, 128, out),
    nearest: (dotsAt, inverses, states, mask, from, to) => {
      let best = Math.fround(-1e30);
      let at = -1;
      for (let n = from; n < to; n++) {
        const value = Math.fround(Math.fround(int32[(dotsAt >>> 2) + n]) * float32[(inverses >>> 2) + n]);
        if (value > best && (uint8[states + n] & mask) === 0) {
          best = value;
          at = n;
        }
      }
      return at;
    },
    above: (
      dotsAt,
      queryRest,
      rests,
      restDimensions,
      queryRestNorm,
      restNorms,
      inverses,
      classes,
      counts,
      columns,
      thresholds,
      states,
      mask,
      from,
      to,
      out,
    ) => {
      const queryNorm = Math.fround(queryRestNorm);
      let count = 0;
      for (let n = from; n < to; n++) {
        const threshold = float32[(thresholds >>> 2) + uint8[counts + n] * columns + uint16[(classes >>> 1) + n]];
        const inverse = float32[(inverses >>> 2) + n];
        let value = int32[(dotsAt >>> 2) + n];
        const bound = Math.fround(Math.fround(value) + Math.fround(queryNorm * float32[(restNorms >>> 2) + n]));
        if (Math.fround(bound * inverse) <= threshold) continue;
        if ((uint8[states + n] & mask) !== 0) continue;
        if (restDimensions > 0) {
          value += dotBetween(int8, queryRest, int8, rests + n * restDimensions, restDimensions);
          if (Math.fround(Math.fround(value) * inverse) <= threshold) continue;
          int32[(dotsAt >>> 2) + n] = value;
        }
        int32[(out >>> 2) + count] = n;
        count++;
      }
      return count;
    },
  };
}

/** Dot product of two stretches of int8 numbers: a whole number, the same on every machine. */
export function dotBetween(left: Int8Array, leftAt: number, right: Int8Array, rightAt: number, dimensions: number): number {
  let sum = 0;
  for (let k = 0; k < dimensions; k++) sum += left[leftAt + k] * right[rightAt + k];
  return sum;
}

/**
 * Writes a vector in its canonical form, whole numbers of which the largest is 127, and returns its squared norm.
 *
 * The cosine does not depend on the scale. Whole numbers are kept as they are; what is no number at all becomes zero.
 *
 * @returns 0 for a vector of zeros: no word was known.
 */
export function toInt8(
  values: Int8Array | Float32Array,
  from: number,
  dimensions: number,
  out: Int8Array<ArrayBufferLike>,
  outAt: number,
): number {
  const scale = values instanceof Int8Array ? 1 : scaleOf(values, from, dimensions);
  let square = 0;
  for (let k = 0; k < dimensions; k++) {
    // Rounds as Math.round does, four times as fast; what is not a number becomes -1024, and so 0 in eight bits.
    out[outAt + k] = ((values[from + k] * scale + 1024.5) | 0) - 1024;
    const whole = out[outAt + k];
    square += whole * whole;
  }
  return square;
}

/** 0 for what is too small to have a direction. */
function scaleOf(values: Float32Array, from: number, dimensions: number): number {
  let largest = 0;
  for (let k = 0; k < dimensions; k++) {
    const size = Math.abs(values[from + k]);
    if (size > largest) largest = size;
  }
  return largest > 1e-8 && largest < Infinity ? 127 / largest : 0;
}

/** Norm of a stretch of a vector, rounded up so that a bound made of it stays a bound in 32-bit floats. */
export function normRoundedUp(vector: Int8Array, from: number, to: number): number {
  let square = 0;
  for (let k = from; k < to; k++) square += vector[k] * vector[k];
  return Math.sqrt(square) * 1.000001;
}
