import * as fc from "fast-check";
import { expect, test } from "vitest";
import { wordHashes } from "./word-hashes.ts";
import { words } from "./words.ts";

test("has one hash for each word, equal for equal words", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "B", "b", " ", ".", "_", "0", "é", "É", "🎀", "你", "İ", "\n", "\0", "ﬁ"),
    maxLength: 40,
  });
  fc.assert(
    fc.property(text, (any) => {
      const [list, hashes] = [words(any), wordHashes(any)];
      expect(hashes).toHaveLength(list.length);
      const seen = new Map(list.map((word, index) => [word, hashes[index]]));
      expect(hashes).toEqual(list.map((word) => seen.get(word)));
      expect(new Set(hashes).size).toBe(new Set(list).size);
    }),
    { numRuns: 2_000 },
  );
});

test("case does not count, order does", () => {
  expect(wordHashes("Base FLASH")).toEqual(wordHashes("base, flash!"));
  expect(wordHashes("flash base")).toEqual(wordHashes("base flash").toReversed());
});
