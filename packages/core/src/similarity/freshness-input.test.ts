import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { words } from "../text/words.ts";
import { printOf } from "./freshness-text.ts";
import { FRESHNESS_WEIGHTS, createFreshnessIndex } from "./freshness.ts";
import { Oracle, pseudoEmbedder } from "./test-freshness.ts";

const embedder = pseudoEmbedder({ dimensions: 32 });

/** Builds an index of these texts and compares each answer with the specification; returns what differs. */
async function differences(texts: readonly string[], queries: readonly string[]): Promise<readonly unknown[]> {
  const samples = texts.map((text, i) => ({ id: `t${String(i).padStart(6, "0")}`, text }));
  const index = createFreshnessIndex(embedder);
  const oracle = new Oracle(embedder, FRESHNESS_WEIGHTS);
  const { inserted, withoutWords } = await index.build(samples);
  await oracle.insert(samples);
  const differing: unknown[] = inserted + withoutWords === texts.length ? [] : [{ inserted, withoutWords }];
  for (const query of queries) {
    const [found, expected] = [await index.maxSimilarity(query, { k: 2 }), await oracle.nearest(query, {}, 2)];
    if (!isDeepStrictEqual(found?.nearest, expected)) differing.push({ query: query.slice(0, 100), found: found?.nearest, expected });
  }
  return differing;
}

describe("whatever a text holds, the answer is exact", () => {
  const strange = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: fc.constantFrom("\ud83c", "\udf80", "a", " ", "\u200d", "İ", "ß", "\u0301"), maxLength: 20 }),
    fc.string({ unit: fc.constantFrom("a", "B", "_", "7", " ", ".", "é", "漢", "字", "ไ", "🎀", "👩‍🚀", "\t"), maxLength: 30 }),
    fc.constantFrom("", " ", "?!", "gm", "GM", "g m", "🎀🎀🎀", "＿ｗｉｄｅ", "a\0b", "\ufeffbom"),
  );

  test("cuts a text into the words that every other rule sees", () => {
    fc.assert(
      fc.property(strange, (text) => {
        const { words: lanes, wordSet } = printOf(text);
        const expected = words(text);
        expect(lanes.count).toBe(expected.length);
        expect(wordSet.count).toBe(new Set(expected).size);
        const numbers = Array.from({ length: lanes.count }, (_, i) => `${lanes.first[i]}:${lanes.second[i]}`);
        expect(numbers.map((number) => numbers.indexOf(number))).toEqual(expected.map((word) => expected.indexOf(word)));
      }),
      { numRuns: 1_000 },
    );
  });

  test("pools and questions of strange texts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(strange, { maxLength: 12 }), fc.array(strange, { minLength: 1, maxLength: 4 }), async (texts, queries) => {
        expect(await differences(texts, [...queries, ...texts.slice(0, 2)])).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("one word, a megabyte without a space, only emoji, mixed scripts, broken UTF-16", async () => {
    const texts = [
      "gm",
      "a".repeat(1_000_000),
      `${"a".repeat(999_999)}b`,
      "🎀🎀👩‍🚀",
      "hello 世界 привет สวัสดี",
      "broken \ud83c half",
      "broken \udf80 half",
      "é".repeat(60_000),
    ];
    expect(await differences(texts, [...texts, "", "gm gm", "b".repeat(1_000_000), "🎀", "世界", "\ud83c"])).toEqual([]);
  });

  test("texts of many thousand different words", async () => {
    const long = (from: number, count: number): string => Array.from({ length: count }, (_, i) => `w${from + i}`).join(" ");
    const texts = [long(0, 70_000), long(10, 70_000), long(0, 1_100), long(500, 1_024), long(0, 3), "w1 w2"];
    expect(await differences(texts, [...texts, long(5, 70_000), long(0, 1_000), long(300, 400), long(69_990, 20)])).toEqual([]);
  });
});

test("ten thousand identical rows cost no more than they must, and the smallest id stands for them", async () => {
  const index = createFreshnessIndex(embedder);
  const same = Array.from({ length: 10_000 }, (_, i) => ({
    id: `s${String(10_000 - i).padStart(5, "0")}`,
    text: "please rate this answer",
  }));
  await index.build([...same, { id: "z", text: "something else" }]);
  expect(await index.maxSimilarity("please rate this answer")).toMatchObject({ score: 1, id: "s00001" });
  expect((await index.maxSimilarity("please rate that answer"))?.id).toBe("s00001");
  expect((await index.maxSimilarity("please rate this answer", { exclude: ["s00001"], k: 3 }))?.nearest.map(({ id }) => id)).toEqual([
    "s00002",
    "s00003",
    "s00004",
  ]);
  expect((await index.maxSimilarity("please rate this answer", { exclude: same.map(({ id }) => id) }))?.id).toBe("z");
});

test("a boilerplate start that all share hides nobody", async () => {
  const start = "you are a helpful assistant that answers in one short paragraph";
  const texts = Array.from({ length: 1_500 }, (_, i) => `${start} w${i} w${(7 * i) % 1_500} w${(31 * i) % 1_500}`);
  expect(
    await differences(
      texts,
      Array.from({ length: 40 }, (_, i) => `${start} w${37 * i} w${(259 * i) % 1_500} w5`),
    ),
  ).toEqual([]);
});
