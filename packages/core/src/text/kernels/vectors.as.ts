// @ts-nocheck -- AssemblyScript: compiled to vectors.wasm by scripts/kernels.mjs, never run as TypeScript. vectors.ts is its twin.
// Dot products of int8 vectors. Pointers are byte offsets in the one memory; dimensions are a multiple of 16.

/** Sixteen products at a time, added up in whole numbers. */
function dot(query: usize, vector: usize, dimensions: i32): i32 {
  let low = i32x4.splat(0);
  let high = i32x4.splat(0);
  for (let k = 0; k < dimensions; k += 16) {
    const x = v128.load(query + k);
    const y = v128.load(vector + k);
    low = i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), i16x8.extend_low_i8x16_s(y)));
    high = i32x4.add(high, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), i16x8.extend_high_i8x16_s(y)));
  }
  return sum(i32x4.add(low, high));
}

function sum(a: v128): i32 {
  return i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1) + i32x4.extract_lane(a, 2) + i32x4.extract_lane(a, 3);
}

function products(x: v128, y: v128): v128 {
  return i32x4.add(
    i32x4.extadd_pairwise_i16x8_s(i16x8.extmul_low_i8x16_s(x, y)),
    i32x4.extadd_pairwise_i16x8_s(i16x8.extmul_high_i8x16_s(x, y)),
  );
}

/** Dot products of one query with `count` vectors that lie one after the other. */
export function dots(query: usize, vectors: usize, count: i32, dimensions: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    store<i32>(out + ((<usize>i) << 2), dot(query, vectors, dimensions));
    vectors += dimensions;
  }
}

/** The same for 128 dimensions: the query stays in registers. */
export function dots128(query: usize, vectors: usize, count: i32, out: usize): void {
  const q0 = v128.load(query);
  const q1 = v128.load(query, 16);
  const q2 = v128.load(query, 32);
  const q3 = v128.load(query, 48);
  const q4 = v128.load(query, 64);
  const q5 = v128.load(query, 80);
  const q6 = v128.load(query, 96);
  const q7 = v128.load(query, 112);
  for (let i = 0; i < count; i++) {
    let a = products(q0, v128.load(vectors));
    let b = products(q1, v128.load(vectors, 16));
    a = i32x4.add(a, products(q2, v128.load(vectors, 32)));
    b = i32x4.add(b, products(q3, v128.load(vectors, 48)));
    a = i32x4.add(a, products(q4, v128.load(vectors, 64)));
    b = i32x4.add(b, products(q5, v128.load(vectors, 80)));
    a = i32x4.add(a, products(q6, v128.load(vectors, 96)));
    b = i32x4.add(b, products(q7, v128.load(vectors, 112)));
    store<i32>(out + ((<usize>i) << 2), sum(i32x4.add(a, b)));
    vectors += 128;
  }
}

/** The vector of `from` to `to` with the largest `dot * inverse` whose state has none of the bits of `mask`; -1 when there is none. */
export function nearest(dotsAt: usize, inverses: usize, states: usize, mask: i32, from: i32, to: i32): i32 {
  let best: f32 = -1e30;
  let at = -1;
  for (let n = from; n < to; n++) {
    const n4 = (<usize>n) << 2;
    const value = <f32>load<i32>(dotsAt + n4) * load<f32>(inverses + n4);
    if (value > best && ((<i32>load<u8>(states + n)) & mask) == 0) {
      best = value;
      at = n;
    }
  }
  return at;
}

/**
 * Writes the vectors of `from` to `to` that can still lie above their threshold, and returns how many. Thresholds are a table with a row
 * for each count and a column for each class; a row has `columns` of them.
 *
 * `dotsAt` covers the first dimensions; the rest is bounded by the product of the norms (Cauchy and Schwarz). Where the bound passes, the
 * whole product is made, stored back and compared once more.
 */
export function above(
  dotsAt: usize,
  queryRest: usize,
  rests: usize,
  restDimensions: i32,
  queryRestNorm: f32,
  restNorms: usize,
  inverses: usize,
  classes: usize,
  counts: usize,
  columns: i32,
  thresholds: usize,
  states: usize,
  mask: i32,
  from: i32,
  to: i32,
  out: usize,
): i32 {
  let count: i32 = 0;
  for (let n = from; n < to; n++) {
    const n4 = (<usize>n) << 2;
    const cell = (<i32>load<u8>(counts + n)) * columns + (<i32>load<u16>(classes + ((<usize>n) << 1)));
    const threshold = load<f32>(thresholds + ((<usize>cell) << 2));
    const inverse = load<f32>(inverses + n4);
    let value = load<i32>(dotsAt + n4);
    if ((<f32>value + queryRestNorm * load<f32>(restNorms + n4)) * inverse <= threshold) continue;
    if (((<i32>load<u8>(states + n)) & mask) != 0) continue;
    if (restDimensions > 0) {
      value += dot(queryRest, rests + <usize>n * restDimensions, restDimensions);
      if (<f32>value * inverse <= threshold) continue;
      store<i32>(dotsAt + n4, value);
    }
    store<i32>(out + ((<usize>count) << 2), n);
    count++;
  }
  return count;
}
