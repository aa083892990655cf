import fc from "fast-check";
import { expect, test } from "vitest";
import { wordChanges } from "./dedupe-words.ts";

test("tells a word that was replaced, one that came and one that went", () => {
  expect(wordChanges("why this dataset exists", "why this archive exists")).toEqual([{ kept: "dataset", dropped: "archive" }]);
  expect(wordChanges("sow beans in May", "sow your beans in late May")).toEqual([
    { kept: "", dropped: "your" },
    { kept: "", dropped: "late" },
  ]);
  expect(wordChanges("gm to all of you", "gm to you")).toEqual([{ kept: "all of", dropped: "" }]);
});

test("finds nothing where only spaces differ, and one change where nothing is common", () => {
  expect(wordChanges("a  b\nc", "a b c")).toEqual([]);
  expect(wordChanges("a b", "")).toEqual([{ kept: "a b", dropped: "" }]);
});

test("says nothing about texts that differ in too many places", () => {
  const words = Array.from({ length: 40 }, (_, i) => `w${i}`);
  expect(wordChanges(words.join(" "), words.map((word, i) => (i % 2 === 0 ? word : `${word}!`)).join(" "))).toBeUndefined();
  expect(wordChanges("a ".repeat(1_000), "b ".repeat(1_000))).toBeUndefined();
});

test("its changes, made in the kept text from the left, give the dropped one", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 }).map((words) => words.join(" "));
  fc.assert(
    fc.property(text, text, (kept, dropped) => {
      const changes = wordChanges(kept, dropped);
      if (changes === undefined) return;
      const lengths = (of: (change: { readonly kept: string; readonly dropped: string }) => string): number =>
        changes.reduce((sum, change) => sum + of(change).split(" ").filter(Boolean).length, 0);
      const count = (words: string): number => words.split(" ").filter(Boolean).length;
      // What is common to both is what neither change takes away.
      expect(count(kept) - lengths(({ kept: words }) => words)).toBe(count(dropped) - lengths(({ dropped: words }) => words));
    }),
  );
});
