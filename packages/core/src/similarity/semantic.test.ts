import { expect, test } from "vitest";
import { createVectorSet, nearestVectors, similarPairs } from "./semantic.ts";
import { seeded } from "./test-freshness.ts";

function randomVectors(count: number, dimensions: number, seed: number): Int8Array {
  const random = seeded(seed);
  return Int8Array.from({ length: count * dimensions }, () => Math.round(254 * random() - 127));
}

function cosine(left: Int8Array, right: Int8Array): number {
  let [dot, a, b] = [0, 0, 0];
  for (let k = 0; k < left.length; k++) {
    dot += (left[k] ?? 0) * (right[k] ?? 0);
    a += (left[k] ?? 0) ** 2;
    b += (right[k] ?? 0) ** 2;
  }
  return dot / (Math.sqrt(a) * Math.sqrt(b));
}

test.each([
  [256, true],
  [128, true],
  [50, true],
  [50, false],
])("the nearest of %i dimensions are those that comparing with each gives (WebAssembly: %s)", (dimensions, wasm) => {
  const vectors = randomVectors(300, dimensions, 1);
  const set = createVectorSet(vectors, dimensions, { wasm });
  const row = (i: number): Int8Array => vectors.subarray(i * dimensions, (i + 1) * dimensions);
  for (const [at, query] of [row(7), row(100), randomVectors(1, dimensions, 2)].entries()) {
    const expected = Array.from({ length: 300 }, (_, index) => ({ index, cosine: cosine(query, row(index)) }))
      .filter(({ index }) => index !== 7)
      .toSorted((left, right) => right.cosine - left.cosine)
      .slice(0, 5);
    expect(nearestVectors(set, query, { k: 5, exclude: [7] }), String(at)).toEqual(expected);
  }
});

test("of equal vectors the smaller index comes first, and zeros are near to nothing", () => {
  const vectors = Int8Array.from([0, 0, 3, 4, 6, 8, -3, -4]);
  const set = createVectorSet(vectors, 2);
  expect(nearestVectors(set, Int8Array.from([3, 4]), { k: 9 }).map(({ index }) => index)).toEqual([1, 2, 3]);
  expect(nearestVectors(set, Int8Array.from([0, 0]), { k: 9 })).toEqual([]);
  expect(nearestVectors(createVectorSet(new Int8Array(0), 2), Int8Array.from([1, 1]))).toEqual([]);
});

test("pairs are looked for inside the lists alone, and told once", () => {
  const set = createVectorSet(Int8Array.from([1, 0, 2, 0, 0, 1, 1, 1, 0, 0]), 2);
  expect(similarPairs(set, [[0, 1, 4], [1, 0, 3], [2]], 0.7).map(({ left, right }) => [left, right])).toEqual([
    [0, 1],
    [0, 3],
    [1, 3],
  ]);
  expect(similarPairs(set, [[2, 0]], 0.5)).toEqual([]);
});

test("refuses numbers that make no whole rows", () => {
  expect(() => createVectorSet(new Int8Array(5), 2)).toThrow(expect.objectContaining({ code: "input/invalid" }));
});
