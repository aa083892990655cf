import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { words } from "../text/words.ts";
import { findExactDuplicates, likeTexts, literalKeys, survivorOrder, textKey, textKeys } from "./exact.ts";

const someText = fc.oneof(
  fc
    .array(fc.constantFrom("a", "B", "ab", " ", " ", "-", "É", "e\u0301", "国", "🎀", "\u00ad", "_", "1"), { maxLength: 8 })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const inOrder = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

describe("keys", () => {
  test("two texts have one key exactly where they have the same words", () => {
    fc.assert(
      fc.property(someText, someText, (a, b) => {
        expect(textKey(a) === textKey(b)).toBe(words(a).join(" ") === words(b).join(" "));
      }),
      { numRuns: 5_000 },
    );
  });

  test("case, punctuation and width do not count; the order of words and where they end do", () => {
    const key = textKey("Reset my password, please!");
    expect(key).toMatch(/^[0-9a-f]{16}$/);
    expect([textKey("reset MY password … please"), textKey("ｒｅｓｅｔ my password please")]).toEqual([key, key]);
    for (const other of ["my reset password please", "reset mypassword please", "reset my password", "reset my password please please"])
      expect(textKey(other)).not.toBe(key);
  });

  test("a text without words has none", () => {
    expect(["", " ", "?!", "\u200b"].map(textKey)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("a long text has the key of its words, also beyond what is looked at as bytes", () => {
    const long = "Word after word. ".repeat(5_000);
    expect(textKey(long)).toBe(textKey(`${long.toUpperCase()} …`));
    expect(textKey(long)).not.toBe(textKey(`${long} more`));
  });

  test("texts of different groups never share a key", () => {
    const [a, b, c] = [textKeys(["x", "x", "x"], ["chat", "rating", "chat"]), textKeys(["x"], ["chat"]), textKeys(["x"])];
    expect([a.subarray(0, 2), a.subarray(4, 6)]).toEqual([b, b]);
    expect(a.subarray(2, 4)).not.toEqual(b);
    expect(c).not.toEqual(b);
  });

  test("texts that differ by a number have different keys, and hardly any share half of a key", () => {
    const texts = Array.from({ length: 200_000 }, (_, i) => `question number ${i}`);
    const keys = textKeys(texts);
    expect(findExactDuplicates(keys, inOrder(texts.length)).kept).toBe(texts.length);
    for (const lane of [0, 1]) {
      const distinct = new Set(keys.filter((_, i) => i % 2 === lane)).size;
      // Of 200,000 random 32-bit numbers about 5 meet another one.
      expect(texts.length - distinct).toBeLessThan(30);
    }
  });

  test("literal keys tell apart what words do not", () => {
    const keys = literalKeys(["a, b", "a b", "a b", ""]);
    expect(findExactDuplicates(keys, inOrder(4)).witness).toEqual(Int32Array.of(-1, -1, 1, -1));
  });
});

describe("duplicates", () => {
  test("the first in the order is kept, and knows how many it stands for", () => {
    const keys = textKeys(["a b", "c", "A, B!", "", "c", "a b", "", "d"]);
    const order = Int32Array.of(5, 4, 3, 2, 1, 0, 7, 6);
    const found = findExactDuplicates(keys, order);
    expect([...found.witness]).toEqual([5, 4, 5, -1, -1, -1, -1, -1]);
    expect([...found.weight]).toEqual([0, 0, 0, 1, 2, 3, 1, 1]);
    expect(found.kept).toBe(5);
    expect(likeTexts(found.witness)).toEqual([
      { kept: 4, copies: [1] },
      { kept: 5, copies: [0, 2] },
    ]);
  });

  test("each group of equal words keeps its first, whatever the texts", () => {
    fc.assert(
      fc.property(fc.array(someText, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (texts, numbers) => {
        const order = inOrder(texts.length).sort(() => ((numbers.next().value ?? 0) % 3) - 1);
        const { witness } = findExactDuplicates(textKeys(texts), order);
        const first = new Map<string, number>();
        for (const i of order) {
          const said = words(texts[i] ?? "").join(" ");
          expect(witness[i]).toBe(said === "" ? -1 : (first.get(said) ?? -1));
          if (!first.has(said)) first.set(said, i);
        }
      }),
    );
  });
});

test("the better survives, then the older, then the lower id; who has no score comes last", () => {
  const order = survivorOrder({
    ids: ["e", "d", "c", "b", "a"],
    quality: Float64Array.of(Number.NaN, 0.5, 0.9, 0.5, 0.5),
    createdAtMs: Float64Array.of(0, 2, 3, 1, 2),
  });
  expect([...order]).toEqual([2, 3, 4, 1, 0]);
});
