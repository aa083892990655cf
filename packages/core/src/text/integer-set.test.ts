import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addTo, emptySet, isIn, newIntegerSet } from "./integer-set.ts";

const integer = fc.oneof(fc.integer(), fc.constantFrom(0, 1, 512, 1_024, -1, 2 ** 31 - 1, -(2 ** 31)));

test("holds what a Set holds, one use after the other", () => {
  const own = newIntegerSet();
  fc.assert(
    fc.property(fc.array(integer, { maxLength: 40 }), fc.array(integer, { maxLength: 10 }), (added, asked) => {
      const plain = new Set<number>();
      emptySet(own, added.length);
      for (const value of added) {
        expect(addTo(own, value)).toBe(!plain.has(value));
        plain.add(value);
      }
      expect(own.size).toBe(plain.size);
      for (const value of [...added, ...asked]) expect(isIn(own, value)).toBe(plain.has(value));
    }),
  );
});

test("grows with what it is asked to hold", () => {
  const own = newIntegerSet();
  emptySet(own, 10_000);
  for (let i = 0; i < 10_000; i++) addTo(own, i * 4_096);
  expect(own.size).toBe(10_000);
  expect([isIn(own, 4_096), isIn(own, 4_097)]).toEqual([true, false]);
});
