import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import type { CompareOptions } from "./freshness-query.ts";
import type { FreshnessSample } from "./freshness-state.ts";
import { FRESHNESS_WEIGHTS, type FreshnessIndex, createFreshnessIndex } from "./freshness.ts";
import { Oracle, changeWords, generateTexts, pick, pseudoEmbedder, querySets, seeded } from "./test-freshness.ts";

const embedder = pseudoEmbedder();
const TYPES = ["gm", "casual", "insight", undefined] as const;
const DAY_MS = 86_400_000;
const NOW_MS = 400 * DAY_MS;
const clock = { nowMs: () => NOW_MS };

/** Ids ascend with time but for every fiftieth, which came later than its id says. */
function samplesOf(texts: readonly string[], from = 0): FreshnessSample[] {
  return texts.map((text, i) => ({
    id: `s${String(from + i).padStart(6, "0")}`,
    text,
    type: TYPES[(from + i) % 7 === 0 ? 0 : (from + i) % 4],
    atMs: (((from + i) % 50 === 0 ? from + i + 300 : from + i) * 400 * DAY_MS) / 3_500,
  }));
}

interface Question {
  readonly text: string;
  readonly options?: CompareOptions;
  readonly k?: number;
}

/** Asks the index and the specification; returns where they differ. */
async function differences(index: FreshnessIndex, oracle: Oracle, questions: Iterable<Question>): Promise<readonly unknown[]> {
  const differing: unknown[] = [];
  for (const { text, options = {}, k = 1 } of questions) {
    const [found, expected] = [await index.maxSimilarity(text, { ...options, k }), await oracle.nearest(text, options, k)];
    if (!isDeepStrictEqual(found?.nearest, expected)) differing.push({ text, options, k, found: found?.nearest, expected });
  }
  return differing;
}

describe("equals the comparison with every sample", () => {
  const random = seeded(7);
  const texts = generateTexts(3_000, random);
  const unseen = generateTexts(400, random);
  const sets = querySets(texts, unseen, 80, random);
  const build = async (changes: Parameters<typeof createFreshnessIndex>[1] = {}) => {
    const index = createFreshnessIndex(embedder, { clock, ...changes });
    const oracle = new Oracle(embedder, changes.weights ?? FRESHNESS_WEIGHTS, NOW_MS);
    await index.build(samplesOf(texts));
    await oracle.insert(samplesOf(texts));
    return { index, oracle };
  };
  const built = build();
  /** The first of every set. */
  const few = (count: number, how: (i: number) => Omit<Question, "text">): Question[] =>
    Object.values(sets).flatMap((queries) => queries.slice(0, count).map((text, i) => ({ text, ...how(i) })));

  test.each(Object.entries(sets))("%s", async (_, queries) => {
    const { index, oracle } = await built;
    expect(
      await differences(
        index,
        oracle,
        queries.map((text) => ({ text })),
      ),
    ).toEqual([]);
  });

  test.each([
    ["words alone", { word: 1, phrase: 0, semantic: 0 }],
    ["phrases alone", { word: 0, phrase: 1, semantic: 0 }],
    ["meaning alone", { word: 0, phrase: 0, semantic: 1 }],
    ["without words", { word: 0, phrase: 0.5, semantic: 0.5 }],
    ["without phrases", { word: 0.5, phrase: 0, semantic: 0.5 }],
    ["without meaning", { word: 0.5, phrase: 0.5, semantic: 0 }],
    ["mostly meaning", { word: 0.05, phrase: 0.05, semantic: 0.9 }],
  ])("weights: %s", async (_, weights) => {
    const { index, oracle } = await built;
    expect(
      await differences(
        index,
        oracle,
        few(15, () => ({ options: { weights } })),
      ),
    ).toEqual([]);
  });

  test("types, windows, exclusions, and several nearest", async () => {
    const { index, oracle } = await built;
    const choices: CompareOptions[] = [
      { type: "gm" },
      { type: "" },
      { type: "no such type" },
      { window: { samples: 100 } },
      { window: { samples: 0 } },
      { window: { samples: 40 }, type: "casual" },
      { window: { days: 30 } },
      { window: { days: 365 }, type: "insight" },
      { exclude: Array.from({ length: 40 }, () => `s${String(Math.floor(random() * 3_000)).padStart(6, "0")}`) },
    ];
    const scoped = few(27, (i) => ({ options: choices[i % choices.length] ?? {} }));
    const several = few(12, (i) => ({ options: i % 3 === 0 ? { type: "gm" } : {}, k: 2 + i }));
    expect(await differences(index, oracle, [...scoped, ...several])).toEqual([]);
  });

  test("leaves a stored text out when it is asked about itself", async () => {
    const { index, oracle } = await built;
    const drawn = Array.from({ length: 100 }, () => pick(samplesOf(texts), random));
    const questions = drawn.map(({ id, text }) => ({ text, options: { exclude: [id] } }));
    expect(await differences(index, oracle, questions)).toEqual([]);
  });

  test("the decision is the one that the unrounded freshness gives", async () => {
    const { index } = await built;
    const all = Object.values(sets).flatMap((queries) => queries.slice(0, 40));
    for (const threshold of [0, 0.3, 0.65, 0.7, 0.75, 0.8, 1]) {
      const checked = await index.batchCheck(all, { threshold });
      for (const [i, text] of all.entries()) {
        const found = await index.maxSimilarity(text);
        const decision = await index.isFresh(text, { threshold });
        expect(decision?.isFresh, text).toBe((found?.freshness ?? Number.NaN) >= threshold);
        expect(checked[i]?.isFresh).toBe(decision?.isFresh);
        expect(decision?.witness === undefined).toBe(decision?.isFresh);
        if (decision?.witness !== undefined) expect(1 - decision.witness.score).toBeLessThan(threshold);
      }
    }
    for (const text of all.slice(0, 100)) {
      const { freshness = Number.NaN } = (await index.maxSimilarity(text)) ?? {};
      expect((await index.isFresh(text, { threshold: freshness }))?.isFresh, "at the boundary a text is fresh").toBe(true);
    }
  });

  test("the TypeScript kernels answer the same", async () => {
    const { oracle } = await built;
    const { index } = await build({ wasm: false });
    expect(index.engine).toBe("typescript");
    expect(
      await differences(
        index,
        oracle,
        few(15, () => ({})),
      ),
    ).toEqual([]);
  });

  test("after inserts, removals, replacements, and again after compaction", async () => {
    const { index, oracle } = await build();
    const more = samplesOf(generateTexts(400, random, 2_500), 2_900);
    await index.insert(more);
    await oracle.insert(more);
    for (let i = 0; i < 300; i++) {
      const id = `s${String(Math.floor(random() * 3_300)).padStart(6, "0")}`;
      index.remove(id);
      oracle.remove(id);
    }
    const replaced = samplesOf(generateTexts(100, random), 150);
    await index.insert(replaced);
    await oracle.insert(replaced);
    expect(index.size).toBe(oracle.size);
    const queries = [
      ...Object.values(sets).flatMap((set) => set.slice(0, 20)),
      ...more.slice(0, 60).map(({ text }) => changeWords(text, 0.2, random)),
    ];
    const choices: CompareOptions[] = [
      {},
      { type: "gm" },
      { window: { samples: 500 } },
      { exclude: more.slice(0, 50).map(({ id }) => id) },
    ];
    const questions = queries.map((text, i) => ({ text, options: choices[i % 4] ?? {}, k: i % 5 === 0 ? 4 : 1 }));
    expect(await differences(index, oracle, questions)).toEqual([]);
    index.compact();
    expect(index.size).toBe(oracle.size);
    expect(await differences(index, oracle, questions)).toEqual([]);
  });
});

test("with other dimensions than the kernels' own, and a background below zero", async () => {
  for (const [dimensions, backgroundCosine] of [
    [1, 0],
    [50, -0.1],
    [128, 0.7],
    [384, 0.04],
  ] as const) {
    const other = pseudoEmbedder({ dimensions, backgroundCosine });
    const random = seeded(dimensions);
    const texts = generateTexts(600, random);
    const index = createFreshnessIndex(other);
    const oracle = new Oracle(other, FRESHNESS_WEIGHTS);
    await index.build(samplesOf(texts));
    await oracle.insert(samplesOf(texts));
    const sets = querySets(texts, generateTexts(20, random), 12, random);
    const questions = Object.values(sets).flatMap((queries) => queries.map((text) => ({ text })));
    expect(await differences(index, oracle, questions)).toEqual([]);
  }
});

test("a text said before is similar by 1, whatever its case, punctuation and knowledge of its words", async () => {
  const index = createFreshnessIndex(embedder);
  await index.build([
    { id: "2", text: "gm frens" },
    { id: "1", text: "zzunknown" },
  ]);
  expect(await index.maxSimilarity("GM, frens!")).toMatchObject({
    score: 1,
    freshness: 0,
    id: "2",
    parts: { word: 1, phrase: 1, semantic: 1 },
  });
  expect(await index.maxSimilarity("zzunknown")).toMatchObject({ score: 1, id: "1", cosine: 0 });
  expect((await index.maxSimilarity("gm 🎀 frens"))?.score).toBeLessThan(1);
});

test("an empty pool leaves everything fresh, a text without words has no freshness", async () => {
  const index = createFreshnessIndex(embedder);
  expect(await index.maxSimilarity("hello")).toMatchObject({ score: 0, freshness: 1, id: undefined, nearest: [], pool: { size: 0 } });
  expect(await index.isFresh("hello", { threshold: 1 })).toMatchObject({ isFresh: true, witness: undefined });
  expect(await index.maxSimilarity("?! …")).toBeUndefined();
  expect(await index.isFresh("", { threshold: 0.5 })).toBeUndefined();
  expect(await index.insert([{ id: "a", text: "..." }])).toEqual({ inserted: 0, withoutWords: 1 });
  expect(index.size).toBe(0);
});

test("tells what has to be recorded beside a score", async () => {
  const index = createFreshnessIndex(embedder, { poolVersion: "v7" });
  await index.build([{ id: "a", text: "one two three", type: "gm" }]);
  expect(await index.maxSimilarity("one two", { type: "gm", window: { samples: 5 } })).toMatchObject({
    exact: true,
    pool: { size: 1, version: "v7", type: "gm", window: { samples: 5 } },
    embedder: { id: "pseudo", version: "1", backgroundCosine: 0.04 },
    weights: FRESHNESS_WEIGHTS,
  });
});

test("of equal samples the one with the smallest id is told, in whatever order they came", async () => {
  const index = createFreshnessIndex(embedder);
  await index.build([
    { id: "c", text: "same words here" },
    { id: "b", text: "same words here", type: "x" },
    { id: "d", text: "same words here" },
  ]);
  expect((await index.maxSimilarity("same words here"))?.id).toBe("b");
  await index.insert([{ id: "a", text: "same words here" }]);
  expect((await index.maxSimilarity("same words here"))?.id).toBe("a");
  expect((await index.maxSimilarity("same words there"))?.id).toBe("a");
  expect((await index.maxSimilarity("nothing alike", { weights: { word: 1, phrase: 0, semantic: 0 } }))?.id).toBe("a");
  index.remove("a");
  expect((await index.maxSimilarity("same words here"))?.id).toBe("b");
});

test("in a window, of samples of one time those with the larger ids are the newer ones, merged or not", async () => {
  const index = createFreshnessIndex(embedder);
  const oracle = new Oracle(embedder, FRESHNESS_WEIGHTS);
  const samples = ["a", "b", "c", "d", "e", "f"].map((id, i) => ({ id, text: `word${i} shared`, atMs: 5 }));
  const merged = samples.filter(({ id }) => "ace".includes(id));
  await index.build(merged);
  await index.insert(samples.filter((sample) => !merged.includes(sample)));
  await oracle.insert(samples);
  const questions = [1, 2, 3, 4, 5, 6].flatMap((size) =>
    samples.map(({ text }) => ({ text, options: { window: { samples: size } }, k: 6 })),
  );
  expect(await differences(index, oracle, questions)).toEqual([]);
});

test("removed samples do not count, also after they were inserted again and merged", async () => {
  const index = createFreshnessIndex(embedder);
  await index.build([
    { id: "a", text: "a rare saying" },
    { id: "b", text: "something else entirely" },
  ]);
  expect(index.remove("a")).toBe(true);
  expect(index.remove("a")).toBe(false);
  expect((await index.maxSimilarity("a rare saying"))?.id).toBe("b");
  await index.insert([{ id: "a", text: "a rare saying" }]);
  expect((await index.maxSimilarity("a rare saying"))?.id).toBe("a");
  index.compact();
  expect([index.size, (await index.maxSimilarity("a rare saying"))?.id]).toEqual([2, "a"]);
  index.remove("a");
  index.remove("b");
  index.compact();
  expect([index.size, (await index.maxSimilarity("a rare saying"))?.id]).toEqual([0, undefined]);
});

describe("checking the whole pool", () => {
  const random = seeded(5);
  const samples = samplesOf(generateTexts(400, random));
  const threshold = (type: string): number => (type === "gm" ? 0.5 : 0.75);

  test.each([true, false])("compares each sample with all others (within its type: %s)", async (withinType) => {
    const index = createFreshnessIndex(embedder);
    const oracle = new Oracle(embedder, FRESHNESS_WEIGHTS);
    await index.build(samples.slice(0, 350));
    await index.insert(samples.slice(350));
    await oracle.insert(samples);
    index.remove("s000007");
    oracle.remove("s000007");
    const decisions = await Array.fromAsync(index.checkPool({ threshold, withinType }));
    const scored = await Array.fromAsync(index.checkPool({ threshold, withinType, scores: true }));
    expect(decisions.map(({ id }) => id)).toEqual(samples.map(({ id }) => id).filter((id) => id !== "s000007"));
    for (const [i, { id, type, isFresh, freshness, witness }] of scored.entries()) {
      const sample = samples.find((other) => other.id === id);
      const nearest = await oracle.nearest(sample?.text ?? "", { exclude: [id], type: withinType ? (sample?.type ?? "") : undefined });
      expect({ type, freshness, isFresh }).toEqual({
        type: sample?.type ?? "",
        freshness: 1 - (nearest?.[0]?.score ?? 0),
        isFresh: 1 - (nearest?.[0]?.score ?? 0) >= threshold(type),
      });
      expect(witness?.id).toBe(isFresh ? undefined : nearest?.[0]?.id);
      expect(decisions[i]?.isFresh).toBe(isFresh);
    }
  });

  test("other versions of a sample do not count against it, and changes made meanwhile are heeded", async () => {
    const index = createFreshnessIndex(embedder);
    await index.build(["a", "b", "c", "d"].map((id) => ({ id, text: id < "c" ? "said again and again" : `only ${id} says so today` })));
    const seen: string[] = [];
    for await (const { id, isFresh } of index.checkPool({ threshold: () => 0.9, versionsOf: (id) => (id === "a" ? ["b"] : []) })) {
      seen.push(`${id} ${isFresh}`);
      if (id !== "b") continue;
      index.remove("c");
      await index.insert([{ id: "e", text: "only e is alone here" }]);
      index.compact();
    }
    expect(seen).toEqual(["a true", "b false", "d true", "e true"]);
  });
});

describe("the distribution of a pool", () => {
  test("compares each sample with all others of its type", async () => {
    const random = seeded(3);
    const samples = samplesOf(generateTexts(300, random));
    const index = createFreshnessIndex(embedder);
    const oracle = new Oracle(embedder, FRESHNESS_WEIGHTS);
    await index.build(samples);
    await oracle.insert(samples);
    const gm = samples.filter(({ type }) => type === "gm");
    const nearest = await Promise.all(gm.map(({ id, text }) => oracle.nearest(text, { type: "gm", exclude: [id] })));
    const expected = nearest.map((list) => 1 - (list?.[0]?.score ?? 0)).toSorted((left, right) => left - right);
    const found = await index.distribution({ type: "gm" });
    expect(found.draws).toEqual(expected);
    expect(found.quantiles.find(({ share }) => share === 0.5)?.freshness).toBe(expected[Math.floor(expected.length / 2)]);
    expect(await index.percentile(0, { type: "gm" })).toBe(1);
    expect(await index.percentile(1 - (expected[0] ?? 0), { type: "gm" })).toBeGreaterThan(0);
  });

  test("a quantile serves as threshold: about that share of the pool's own kind is stale", async () => {
    const random = seeded(11);
    const index = createFreshnessIndex(embedder);
    await index.build(samplesOf(generateTexts(2_000, random)));
    const decision = await index.isFresh("w1 w2 w3 w4", { threshold: { quantile: 0.25 } });
    const { quantiles } = await index.distribution();
    expect(decision?.threshold).toBe(quantiles.find(({ share }) => share === 0.25)?.freshness);
  });
});

test("refuses weights, thresholds, windows and embedders out of range, and vectors of another size", async () => {
  const index = createFreshnessIndex(embedder);
  const invalid = { code: "input/invalid" };
  await expect(index.maxSimilarity("a", { weights: { word: -1, phrase: 1, semantic: 1 } })).rejects.toMatchObject(invalid);
  await expect(index.maxSimilarity("a", { k: 0 })).rejects.toMatchObject(invalid);
  await expect(index.maxSimilarity("a", { window: { days: Number.NaN } })).rejects.toMatchObject(invalid);
  await expect(index.isFresh("a", { threshold: 1.5 })).rejects.toMatchObject(invalid);
  await expect(index.isFresh("a", { threshold: { quantile: 2 } })).rejects.toMatchObject(invalid);
  expect(() => createFreshnessIndex(pseudoEmbedder({ backgroundCosine: 1 }))).toThrow(expect.objectContaining(invalid));
  const wrong = createFreshnessIndex(pseudoEmbedder({ embed: async () => new Int8Array(3) }));
  await expect(wrong.insert([{ id: "a", text: "a" }])).rejects.toMatchObject({ code: "embed/mismatch" });
});
