import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jaccard, repeatedTrigramShare, wordTrigrams } from "./trigrams.ts";
import { wordHashes } from "./word-hashes.ts";
import { words } from "./words.ts";

const shareIn = (text: string): number => repeatedTrigramShare(wordHashes(text));

describe("repeated 3-grams", () => {
  test("are none where every three words are new", () => {
    expect(shareIn("one two three four five")).toBe(0);
    expect(shareIn("one two")).toBe(0);
    expect(shareIn("")).toBe(0);
  });

  test("are counted over case and punctuation", () => {
    expect(shareIn("go on now. Go ON, now!")).toBeCloseTo(1 / 4);
    expect(shareIn("no ".repeat(12))).toBeCloseTo(9 / 10);
  });

  test("are those of the words, whatever the script", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "B", "b", " ", ".", "_", "é", "🎀", "你", "İ", "\n"), maxLength: 60 });
    fc.assert(
      fc.property(text, (any) => {
        const list = words(any);
        const total = Math.max(0, list.length - 2);
        const share = total === 0 ? 0 : 1 - new Set(Array.from({ length: total }, (_, i) => list.slice(i, i + 3).join(" "))).size / total;
        expect(shareIn(any)).toBeCloseTo(share, 12);
      }),
      { numRuns: 2_000 },
    );
  });

  test("are found in a text longer than any before", () => {
    const unique = Array.from({ length: 5_000 }, (_, i) => `w${i}`).join(" ");
    expect(shareIn(unique)).toBeLessThan(0.001);
    expect(shareIn(`${unique} ${unique}`)).toBeCloseTo(0.5, 2);
  });
});

test("a text under three words is one 3-gram, an empty one has none", () => {
  expect([...wordTrigrams("Gm, frens")]).toEqual(["gm frens"]);
  expect(wordTrigrams("?!").size).toBe(0);
});

test("Jaccard is the share of common members, and 0 of nothing", () => {
  expect(jaccard(new Set([1, 2, 3]), new Set([2, 3, 4]))).toBe(0.5);
  expect(jaccard(new Set(), new Set())).toBe(0);
});
