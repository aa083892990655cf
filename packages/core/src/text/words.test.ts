import fc from "fast-check";
import { expect, test } from "vitest";
import { codePointLength, codePointSlice, hasWords, words } from "./words.ts";

test.each([
  ["gm, World!", ["gm", "world"]],
  ["it's snake_case v2", ["it", "s", "snake_case", "v2"]],
  ["gm 🎀🧹", ["gm", "🎀", "🧹"]],
  ["国会 で", ["国", "会", "で"]],
  ["ÄPFEL und Ｆｕｌｌ", ["äpfel", "und", "full"]],
  ["soft\u00adhyphen", ["softhyphen"]],
  ["« … »", []],
  ["", []],
])("cuts %j into words", (text, expected) => {
  expect(words(text)).toEqual(expected);
});

test("has words exactly when there is one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(hasWords(text)).toBe(words(text).length > 0);
    }),
  );
});

test("counts and slices by code points", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(12), fc.nat(12), (text, start, length) => {
      expect(codePointLength(text)).toBe([...text].length);
      expect(codePointSlice(text, start, start + length)).toBe([...text].slice(start, start + length).join(""));
    }),
  );
});
