import fc from "fast-check";
import { expect, test } from "vitest";
import { createHints, hashOfText } from "./sqlite-hints.ts";

test("finds every row of a key, newest first, however often the table grew", () => {
  const additions = fc.array(
    fc.tuple(
      fc.oneof(
        fc.integer({ min: -3, max: 3 }),
        fc.maxSafeInteger().map((n) => n | 0),
      ),
      fc.nat(),
    ),
    { maxLength: 5_000, size: "max" },
  );
  fc.assert(
    fc.property(additions, (added) => {
      const hints = createHints();
      const expected = new Map<number, number[]>();
      for (const [key, n] of added) {
        hints.add(key, n);
        expected.set(key, [n, ...(expected.get(key) ?? [])]);
      }
      for (const [key, rows] of expected) expect([...hints.find(key)]).toEqual(rows);
    }),
    { numRuns: 20 },
  );
});

test("a key that was never added has no rows", () => {
  const hints = createHints();
  hints.add(1, 7);
  expect([...hints.find(2)]).toEqual([]);
});

test("hashes a text as FNV-1a does", () => {
  expect([hashOfText(""), hashOfText("a"), hashOfText("foobar")].map((hash) => (hash >>> 0).toString(16))).toEqual([
    "811c9dc5",
    "e40c292c",
    "bf9cf968",
  ]);
});
