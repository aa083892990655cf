import * as fc from "fast-check";
import { expect, test } from "vitest";
import { asciiBytes } from "./ascii.ts";
import { isAscii } from "./normalize.ts";

test("gives the characters of exactly the texts that are ASCII", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary-ascii" }),
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("a", "\0", "\x7f", "\x80", "ÿ", "\ud83c", "\udf80")).map((units) => units.join("")),
  );
  fc.assert(
    fc.property(text, (any) => {
      const isPlain = Array.from(any, (_, at) => any.charCodeAt(at)).every((unit) => unit < 0x80);
      expect(isAscii(any)).toBe(isPlain);
      expect(
        asciiBytes(any)
          ?.subarray(0, any.length)
          .every((byte, at) => byte === any.charCodeAt(at)) ?? false,
      ).toBe(isPlain);
    }),
  );
});

test("a text that may not fit is left to others, whatever its end holds", () => {
  expect(asciiBytes("a".repeat(43_690))).toBeDefined();
  expect(asciiBytes("a".repeat(43_691))).toBeUndefined();
  expect(asciiBytes(`${"a".repeat(43_689)}é`)).toBeUndefined();
});
