import fc from "fast-check";
import { expect, test } from "vitest";
import { foldCase, foldedFrom } from "./fold-case.ts";

test("folds Latin, Greek and Cyrillic letters, digraphs and the letters with two upper-case forms", () => {
  expect(foldCase("Straße ÄÖÜ ΣΊΣΥΦΟΣ Щука Ǆ ǅ")).toBe("straße äöü σίσυφοσ щука ǆ ǆ");
  expect(foldCase("\u212b")).toBe("å");
});

test("leaves alone what no single character beyond ASCII stands for", () => {
  expect(foldCase("İ\u212a")).toBe("İ\u212a");
});

test("folding twice changes nothing, and keeps the number of characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const folded = foldCase(text);
      expect(foldCase(folded)).toBe(folded);
      expect(Array.from(folded)).toHaveLength(Array.from(text).length);
    }),
  );
});

test("names every character that folds into another", () => {
  expect(foldedFrom("ǆ")).toEqual(["Ǆ", "ǅ"]);
  expect(foldedFrom("k")).toEqual([]);
  for (const character of "ÄΣЩ𐐀") expect(foldedFrom(foldCase(character))).toContain(character);
});
