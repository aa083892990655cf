import fc from "fast-check";
import { expect, test } from "vitest";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import { newSetGathering } from "./dedupe-sets.ts";

const set = fc.uniqueArray(fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -3, max: 3 })), { maxLength: 8 });

function laidOut(sets: readonly (readonly number[])[]): ShingleSets {
  const offsets = new Float64Array(sets.length + 1);
  for (const [i, values] of sets.entries()) offsets[i + 1] = (offsets[i] ?? 0) + values.length;
  return { values: Int32Array.from(sets.flatMap((values) => values.toSorted((a, b) => a - b))), offsets };
}

function listed({ values, offsets }: ShingleSets): readonly (readonly number[])[] {
  return Array.from({ length: offsets.length - 1 }, (_, i) => [...values.subarray(offsets[i], offsets[i + 1])]);
}

function shared(a: readonly number[], b: readonly number[]): number {
  return a.filter((value) => b.includes(value)).length;
}

test("sets stay ascending, and those of one group share what they shared before", () => {
  fc.assert(
    fc.property(fc.array(set, { maxLength: 6 }), (sets) => {
      const gathering = newSetGathering({ most: sets.length });
      for (const one of sets) gathering.add(laidOut([one]), ["chat"]);
      const moved = listed(gathering.finish());
      expect(moved.map((values) => values.length)).toEqual(sets.map((values) => values.length));
      for (const values of moved) expect(values).toEqual(values.toSorted((a, b) => a - b));
      for (const [i, a] of sets.entries())
        for (const [j, b] of sets.entries()) expect(shared(moved[i] ?? [], moved[j] ?? [])).toBe(shared(a, b));
    }),
  );
});

test("equal sets of different groups share nothing", () => {
  const gathering = newSetGathering({ most: 2 });
  gathering.add(
    laidOut([
      [1, 2, 3],
      [1, 2, 3],
    ]),
    ["chat", "rating: good"],
  );
  const [chat = [], rating = []] = listed(gathering.finish());
  expect(shared(chat, rating)).toBe(0);
});

test("sets that are too small to be compared are left empty", () => {
  const gathering = newSetGathering({ most: 3, leastSize: 2 });
  gathering.add(laidOut([[7], [7, 8], []]), ["chat", "chat", "chat"]);
  expect(listed(gathering.finish()).map((values) => values.length)).toEqual([0, 2, 0]);
});
