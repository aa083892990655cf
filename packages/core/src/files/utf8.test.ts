import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cesuPairAt, firstFault, unfinishedTail } from "./utf8.ts";

/** Bytes that often come close to UTF-8. */
const nearlyUtf8 = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 3 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 3 }),
      fc.constantFrom([0xed, 0xa0, 0x80], [0xed, 0xb0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe0, 0x80, 0x80]),
    ),
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));

test("a fault is found exactly where the platform finds one", () => {
  fc.assert(
    fc.property(nearlyUtf8, (bytes) => {
      const fault = firstFault(bytes, 0);
      expect(fault === bytes.length).toBe(isUtf8(bytes));
      expect(isUtf8(bytes.subarray(0, fault))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("text cut anywhere is valid without its unfinished tail", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(), (text, cut) => {
      const bytes = Buffer.from(text.toWellFormed());
      const start = bytes.subarray(0, cut % (bytes.length + 1));
      expect(isUtf8(start.subarray(0, start.length - unfinishedTail(start)))).toBe(true);
      expect(unfinishedTail(bytes)).toBe(0);
    }),
  );
});

test("a pair of encoded surrogates is never cut in two", () => {
  const pair = Buffer.from([0x41, 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]);
  expect([1, 2, 3, 4, 5, 6, 7].map((end) => unfinishedTail(pair.subarray(0, end)))).toEqual([0, 1, 2, 3, 4, 5, 0]);
  expect(cesuPairAt(pair, 1)).toBe("😀");
  expect(cesuPairAt(pair.subarray(0, 4), 1)).toBeUndefined();
});
