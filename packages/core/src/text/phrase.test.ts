import fc from "fast-check";
import { expect, test } from "vitest";
import { hasPhrase } from "./phrase.ts";
import { words } from "./words.ts";

test.each([
  ["A BIG, cat!", "big cat", true],
  ["bigger cats", "big", false],
  ["the cat is big", "big cat", false],
  ["write an e-mail", "E-Mail", true],
  ["OpenAI社の製品", "openai", true],
  ["第十四届全国人大", "全国", true],
  ["Ёлка и ДОМ", "ёлка и дом", true],
  ["gm 🎀", "🎀", true],
  ["anything", "?!", false],
  ["", "x", false],
])("%s, %s: %s", (text, phrase, found) => {
  expect(hasPhrase(text, phrase)).toBe(found);
});

test("every run of a text's words is found in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), fc.integer({ min: 1, max: 4 }), (text, from, count) => {
      const all = words(text);
      fc.pre(all.length > 0);
      const start = from % all.length;
      expect(hasPhrase(text, all.slice(start, start + count).join(" "))).toBe(true);
    }),
  );
});
