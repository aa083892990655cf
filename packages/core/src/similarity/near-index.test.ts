import { describe, expect, test } from "vitest";
import { createNearIndex } from "./near-index.ts";
import { findNearDuplicates } from "./near.ts";
import { hashed, inOrder, randomFrom, setsOf } from "./test-near.ts";

describe.each([0.5, 0.8, 1])("an index that grows, at %s", (threshold) => {
  const random = randomFrom(9);
  const lists = Array.from({ length: 2000 }, () =>
    Array.from({ length: Math.floor(random() * 30) }, () => hashed(Math.floor(400 * random() ** 3))),
  );
  const sets = setsOf([...lists, ...lists.map((list) => (random() < 0.5 ? list.slice(1) : list)), [], []]);
  const count = sets.offsets.length - 1;
  const exact = findNearDuplicates(sets, { order: inOrder(count), shingleWords: 3, threshold, mode: "exact" });
  const samples = {
    "without a sample": undefined,
    "with a sample": setsOf(lists.slice(0, 300)),
    "with one of other texts": setsOf([[1, 2, 3]]),
  };

  test.each(Object.entries(samples))("keeps what the exact join keeps, %s", (_, sample) => {
    const index = createNearIndex({ threshold, shingleWords: 3, ...(sample === undefined ? {} : { sample }) });
    const found = Array.from(inOrder(count), (set) => index.add(sets.values.slice(sets.offsets[set], sets.offsets[set + 1])));
    expect(found.map((witness) => witness === undefined)).toEqual(Array.from(exact.witness, (by) => by === -1));
    expect(index.kept).toBe(exact.kept);
    // A copy of a dropped set is asked about anew here and may have got a better witness meanwhile; never a worse one.
    expect(found.filter((witness, set) => (witness?.similarity ?? 0) < (exact.similarity[set] ?? 0))).toEqual([]);
    expect(found.some((witness) => witness !== undefined && witness.similarity < 1) || threshold === 1).toBe(true);
    expect(found.filter((witness, set) => witness !== undefined && (witness.index >= set || exact.witness[witness.index] !== -1))).toEqual(
      [],
    );
  });
});

test("finds a later text that shares what a single earlier one had", () => {
  const index = createNearIndex({ threshold: 0.8, shingleWords: 3, sample: setsOf([[1, 2, 3, 4, 5]]) });
  expect(index.add(Int32Array.of(10, 11, 12, 13, 14))).toBeUndefined();
  expect(index.add(Int32Array.of())).toBeUndefined();
  expect(index.add(Int32Array.of(10, 11, 12, 13))).toEqual({ index: 0, similarity: 0.8 });
  expect(index).toMatchObject({ threshold: 0.8, shingleWords: 3, kept: 2 });
});

test("refuses a threshold out of range", () => {
  expect(() => createNearIndex({ threshold: 1.5, shingleWords: 3 })).toThrow(/threshold/);
});
