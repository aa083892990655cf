import fc from "fast-check";
import { expect, test } from "vitest";
import { copiesOf } from "./weights.ts";

test("writes whole weights as often as they say", () => {
  expect([0, 1, 2, 1_000].map((weight) => copiesOf(weight, "a", "0"))).toEqual([0, 1, 2, 1_000]);
});

test("writes one more for a fraction in as many cases as the fraction says", () => {
  const copies = Array.from({ length: 10_000 }, (_, i) => copiesOf(2.25, `id-${i}`, "0"));
  expect(copies.every((count) => count === 2 || count === 3)).toBe(true);
  expect(Math.abs(copies.filter((count) => count === 3).length - 2_500)).toBeLessThan(150);
});

test("draws alike for one seed, otherwise for another, and never less for a higher weight", () => {
  const drawn = (seed: string) => Array.from({ length: 50 }, (_, i) => copiesOf(0.5, `id-${i}`, seed)).join("");
  expect(drawn("a")).toBe(drawn("a"));
  expect(drawn("a")).not.toBe(drawn("b"));
  const weight = fc.integer({ min: 0, max: 400 }).map((n) => n / 100);
  fc.assert(
    fc.property(
      fc.string(),
      weight,
      weight,
      (id, one, other) => copiesOf(Math.min(one, other), id, "0") <= copiesOf(Math.max(one, other), id, "0"),
    ),
  );
});
