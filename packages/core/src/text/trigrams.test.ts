import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { repeatedTrigramShare, trigramSimilarity } from "./trigrams.ts";
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

describe("similarity", () => {
  const alike = (a: string, b: string): number => trigramSimilarity(wordHashes(a), wordHashes(b));

  test("is the share of common 3-grams", () => {
    expect(alike("one two three four", "one two three five")).toBeCloseTo(1 / 3);
    expect(alike("one two three", "One, two: THREE")).toBe(1);
    expect(alike("one two three", "three two one")).toBe(0);
  });

  test("takes one or two words for a 3-gram of their own", () => {
    expect(alike("Paris", "paris")).toBe(1);
    expect(alike("Paris", "Lyon")).toBe(0);
    expect(alike("gm frens", "gm frens today")).toBe(0);
  });

  test("of texts without words is 0", () => {
    expect(alike("", "")).toBe(0);
    expect(alike("?", "one two three")).toBe(0);
  });

  test("is that of sets of strings", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), minLength: 8, maxLength: 60 });
    const grams = (any: string): ReadonlySet<string> => {
      const list = words(any);
      return list.length === 0
        ? new Set()
        : new Set(list.length < 3 ? [list.join(" ")] : list.slice(2).map((_, i) => list.slice(i, i + 3).join(" ")));
    };
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [left, right] = [grams(a), grams(b)];
        const union = left.union(right).size;
        expect(alike(a, b)).toBeCloseTo(union === 0 ? 0 : left.intersection(right).size / union, 12);
      }),
    );
  });
});
