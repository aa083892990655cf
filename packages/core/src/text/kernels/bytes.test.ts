import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assetUrl } from "../../asset.ts";
import { TilthError } from "../../errors.ts";
import { words } from "../words.ts";
import { wordHashesOf } from "./bytes.ts";
import { startKernel } from "./instance.ts";
import { type SketchPlan, loadByteKernels } from "./load.ts";
import type { ShingleSets } from "./shingle-sets.ts";

const wasm = loadByteKernels();
const twin = loadByteKernels({ wasm: false });
const families = ["classic", "fast"] as const;

const piece = fc.constantFrom(
  ..."gm World Ünïcödé straße 国会 できる สวัสดี ខ្មែរ 🎀🧹 👩‍👩‍👧 e\u0301 İ ﬁne ＦＵＬＬ a_b 42 x Σίσυφος soft\u00adhyphen \ud800 \udc00x antidisestablishmentarianism eightchr sixteencharacter".split(
    " ",
  ),
);
const gap = fc.constantFrom(" ", " ", " ", ", ", ".\n", "", "—", "\u00a0", "\u200b", "\u0000", "\t\t");
const sentence = fc.array(fc.tuple(piece, gap), { maxLength: 60 }).map((parts) => parts.flat().join(""));
const anyUnits = fc.array(fc.nat(0xffff), { maxLength: 80 }).map((units) => String.fromCharCode(...units));
const ascii = fc.string({ unit: fc.nat(127).map((code) => String.fromCharCode(code)), maxLength: 300 });
const text = fc.oneof(sentence, anyUnits, ascii, fc.string({ unit: "binary", maxLength: 120 }), fc.constantFrom("", "one", "...", "🎀"));

test("WebAssembly serves unless it is asked to stand back", () => {
  expect([wasm.engine, twin.engine]).toEqual(["wasm", "typescript"]);
  expect(wasm.version).toBe(twin.version);
});

test("there is no kernel where the file is missing or is none", () => {
  expect(startKernel(assetUrl(import.meta.url, "./missing.wasm"))).toBeUndefined();
  expect(startKernel(assetUrl(import.meta.url, "./bytes.ts"))).toBeUndefined();
});

describe("words", () => {
  test("begin and end where words() says, and are equal where those are", () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (one, any, same) => {
        // Different lone surrogates are the same U+FFFD once they are bytes.
        const [left, right] = [one.toWellFormed(), same ? one.toWellFormed().toUpperCase() : any.toWellFormed()];
        const [leftWords, rightWords] = [words(left), words(right)];
        const leftHashes = wordHashesOf(left).slice();
        const rightHashes = wordHashesOf(right).slice();
        expect(leftHashes).toHaveLength(leftWords.length);
        expect(leftHashes.join() === rightHashes.join()).toBe(leftWords.join(" ") === rightWords.join(" "));
      }),
      { numRuns: 3000 },
    );
  });

  test("a lone surrogate counts as U+FFFD in both engines", () => {
    for (const kernels of [wasm, twin]) {
      const { values, offsets } = kernels.shingleSets(["a \ud800b c", "a \ufffdb c", "a \udfffb c"], 3);
      expect([...offsets]).toEqual([0, 1, 2, 3]);
      expect(new Set(values).size).toBe(1);
    }
  });

  test.each([
    ["encoded", (1 << 16) - 1, "\u{10330} end"],
    ["normalised", (1 << 20) - 1, "e\u0301 end"],
  ])("are the same where the piece that is %s ends inside a letter", (_, before, rest) => {
    expect([...wordHashesOf(`${" ".repeat(before)}${rest}`)]).toEqual([...wordHashesOf(rest)]);
  });

  test("10 000 different words have 10 000 different hashes", () => {
    const all = Array.from({ length: 10_000 }, (_, index) => `w${index.toString(36)}`);
    expect(new Set(wordHashesOf(all.join(" "))).size).toBe(10_000);
  });
});

describe("shingle sets", () => {
  test("are the same bits in both engines, ascending and each once", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), fc.constantFrom(1, 2, 3, 5, 8), (texts, size) => {
        const sets = wasm.shingleSets(texts, size);
        expect(setDifference(sets, twin.shingleSets(texts, size))).toBeUndefined();
        expect(sets.offsets).toHaveLength(texts.length + 1);
        expect(sets.values).toHaveLength(sets.offsets.at(-1) ?? -1);
        for (const set of listed(sets)) expect(set).toEqual([...new Set(set)].toSorted((a, b) => a - b));
      }),
      { numRuns: 400 },
    );
  });

  test("hold one shingle of all words where there are too few, and none where there is no word", () => {
    for (const kernels of [wasm, twin]) {
      const sets = listed(kernels.shingleSets(["gm frens", "GM, frens!", "frens gm", "gm", "", " … ", "a b c d"], 3));
      expect(sets.map((set) => set.length)).toEqual([1, 1, 1, 1, 0, 0, 2]);
      expect(sets[0]).toEqual(sets[1]);
      expect(sets[0]).not.toEqual(sets[2]);
    }
  });

  test("keep their hashes from version to version", () => {
    expect(wasm.version).toBe("1");
    expect(listed(wasm.shingleSets(["gm frens", "The quick brown fox", "国会 🎀"], 3))).toMatchInlineSnapshot(`
      [
        [
          1358461165,
        ],
        [
          -1093558152,
          -160537150,
        ],
        [
          -1793960506,
        ],
      ]
    `);
  });

  test("do not hang on what lies in the same batch", () => {
    const texts = Array.from(
      { length: 20_000 },
      (_, index) => `${"word ".repeat(index % 7)}text ${index} of ${index % 101}${index % 13 === 0 ? " é" : ""}`,
    );
    const together = listed(wasm.shingleSets(texts, 3)).map(String);
    const backwards = listed(wasm.shingleSets(texts.toReversed(), 3)).map(String).toReversed();
    expect(together.findIndex((set, index) => set !== backwards[index])).toBe(-1);
    expect(setDifference(wasm.shingleSets(texts, 3), twin.shingleSets(texts, 3))).toBeUndefined();
  });

  test.each([
    ["1 MB without a space", "xyZ_".repeat(250_000)],
    ["1 MB of single letters", "a b c d ".repeat(125_000)],
    ["a batch filled to its last byte, then nothing", "ab ".repeat(Math.floor((1 << 20) / 9)) + "c"],
    ["3 MB of different words", Array.from({ length: 400_000 }, (_, index) => index.toString(36)).join(" ")],
    ["1 MB of emoji", "🎀🧹".repeat(260_000)],
    ["text that normalising makes eighteen times as long", "\ufdfa".repeat(60_000)],
  ])("take %s", (_, long) => {
    const texts = ["before", long, "", "after it all"];
    expect(setDifference(wasm.shingleSets(texts, 3), twin.shingleSets(texts, 3))).toBeUndefined();
  });

  test("take a text that is normalised in pieces as if it were whole", () => {
    const chinese = "国会 ".repeat(500_000) + "の Éa\u0301 ".repeat(60_000);
    const [set, ends] = [wasm.shingleSets([chinese], 3), wasm.shingleSets(["国会 ".repeat(4) + "の Éa\u0301 ".repeat(4)], 3)];
    expect(listed(set)).toEqual(listed(ends));
    expect(wordHashesOf(chinese)).toHaveLength(500_000 * 2 + 60_000 * 2);
  });

  test.each([100, 600, 5000])("of %i words hold each of 37 once", (count) => {
    const [set = []] = listed(wasm.shingleSets([Array.from({ length: count }, (_, index) => `w${(index * 7) % 37}`).join(" ")], 1));
    expect(set).toHaveLength(37);
    expect(
      difference(
        set,
        [...new Set(set)].toSorted((a, b) => a - b),
      ),
    ).toBeUndefined();
  });

  test("of values that begin alike are sorted, too", () => {
    const all = Array.from({ length: 600_000 }, (_, index) => `w${index}`);
    const { values } = twin.shingleSets(all, 1);
    const alike = all.filter((_, index) => (values[index] ?? 0) >>> 22 === 77);
    const [set = []] = listed(wasm.shingleSets([alike.join(" ")], 1));
    expect(set.length).toBeGreaterThan(500);
    expect(new Set(set.map((value) => value >>> 22))).toEqual(new Set([77]));
    expect(
      difference(
        set,
        set.toSorted((a, b) => a - b),
      ),
    ).toBeUndefined();
  });

  test.each([1, 30, 128, 129, 2048, 2049, 50_000])("sort %i shingles as numbers are sorted", (count) => {
    const [set = []] = listed(wasm.shingleSets([Array.from({ length: count }, (_, index) => `w${index}`).join(" ")], 1));
    expect(set).toHaveLength(count);
    expect(
      difference(
        set,
        set.toSorted((a, b) => a - b),
      ),
    ).toBeUndefined();
  });

  test.each([0, 65, 2.5, Number.NaN])("of %s words are refused", (size) => {
    for (const kernels of [wasm, twin]) expect(() => kernels.shingleSets(["a"], size)).toThrow(TilthError);
  });
});

describe("band keys", () => {
  const plans = [
    { bands: 26, rows: 5 },
    { bands: 16, rows: 6 },
    { bands: 1, rows: 1 },
    { bands: 7, rows: 3 },
    { bands: 128, rows: 1 },
    { bands: 1, rows: 33 },
  ];

  test.each(families.flatMap((family) => plans.map((plan) => ({ ...plan, family, seed: 3 }))))(
    "$family, $bands x $rows: the same bits in both engines",
    (plan) => {
      const sets = setsOf([1, 2, 20, 50, 0, 300, 2000, 5, 0].map((size, index) => randomSet(size, index)));
      const keys = wasm.bandKeys(sets, plan);
      expect(keys).toHaveLength(plan.bands * 9);
      expect(difference(keys, twin.bandKeys(sets, plan))).toBeUndefined();
    },
  );

  test.each(families)("%s: of many sets, and of one that is too large for the memory, the same bits in both engines", (family) => {
    const small = Array.from({ length: 9000 }, (_, index) => randomSet(index % 9, index));
    const sets = setsOf([...small, randomSet(600_000, 1), ...small.slice(0, 10)]);
    const plan: SketchPlan = { bands: 40, rows: 3, family, seed: 1 };
    expect(difference(wasm.bandKeys(sets, plan), twin.bandKeys(sets, plan))).toBeUndefined();
  });

  test.each(families)("%s: equal sets have equal keys, empty ones 0, and another seed gives others", (family) => {
    const sets = setsOf([randomSet(50, 1), [], randomSet(50, 1)]);
    const keys = wasm.bandKeys(sets, { bands: 20, rows: 4, family, seed: 1 });
    const others = wasm.bandKeys(sets, { bands: 20, rows: 4, family, seed: 2 });
    for (let band = 0; band < 20; band++) {
      expect(keys[3 * band]).toBe(keys[3 * band + 2]);
      expect(keys[3 * band + 1]).toBe(0);
      expect(keys[3 * band]).not.toBe(others[3 * band]);
    }
    expect(new Set(keys).size).toBe(21);
  });

  // A band of one row is one slot: what two sets share of 128 is the estimate of their similarity.
  test.each(families.flatMap((family) => [20, 50, 300, 2000].map((size) => [family, size] as const)))(
    "%s, %i shingles: slots estimate the similarity with no more error than theory gives them",
    (family, size) => {
      const trials = size > 1000 ? 300 : 600;
      for (const similarity of [0.5, 0.8, 0.9]) {
        const pairs = randomPairs(size, similarity, trials);
        const keys = wasm.bandKeys(pairs.sets, { bands: 128, rows: 1, family, seed: 1 });
        let squares = 0;
        for (let pair = 0; pair < trials; pair++) squares += (sharedBands(keys, 128, trials, pair) / 128 - pairs.similarity) ** 2;
        const theory = Math.sqrt((pairs.similarity * (1 - pairs.similarity)) / 128);
        expect(Math.sqrt(squares / trials)).toBeLessThan(1.12 * theory);
        expect(squares).toBeGreaterThan(0);
      }
    },
  );

  test.each(families.flatMap((family) => [12, 50, 300].map((size) => [family, size] as const)))(
    "%s, %i shingles: pairs share a band as often as 1 - (1 - J^rows)^bands",
    (family, size) => {
      const trials = 3000;
      for (const [bands, rows] of [
        [16, 6],
        [25, 5],
      ] as const) {
        for (const similarity of [0.3, 0.5, 0.7, 0.8, 0.9]) {
          const pairs = randomPairs(size, similarity, trials);
          const keys = wasm.bandKeys(pairs.sets, { bands, rows, family, seed: 1 });
          let found = 0;
          for (let pair = 0; pair < trials; pair++) if (sharedBands(keys, bands, trials, pair) > 0) found++;
          const theory = 1 - (1 - pairs.similarity ** rows) ** bands;
          expect(Math.abs(found / trials - theory), `${bands} x ${rows} at ${similarity}: ${found / trials}, ${theory}`).toBeLessThan(0.03);
        }
      }
    },
  );

  test.each([
    { bands: 0, rows: 5 },
    { bands: 5, rows: 0.5 },
    { bands: 4097, rows: 1 },
  ])("of $bands x $rows are refused", (plan) => {
    for (const kernels of [wasm, twin]) {
      expect(() => kernels.bandKeys(setsOf([[1]]), { ...plan, family: "fast", seed: 1 })).toThrow(TilthError);
    }
  });
});

function setDifference(left: ShingleSets, right: ShingleSets): string | undefined {
  return difference(left.offsets, right.offsets) ?? difference(left.values, right.values);
}

/** The first place that differs in any bit: to print all differences of a million numbers takes minutes. */
function difference(left: ArrayLike<number>, right: ArrayLike<number>): string | undefined {
  if (left.length !== right.length) return `${left.length} and ${right.length} numbers`;
  for (let at = 0; at < left.length; at++) if (!Object.is(left[at], right[at])) return `at ${at}: ${left[at]} and ${right[at]}`;
  return undefined;
}

function listed({ values, offsets }: ShingleSets): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, set) => [...values.subarray(offsets[set], offsets[set + 1])]);
}

function setsOf(sets: readonly (readonly number[])[]): ShingleSets {
  const offsets = new Float64Array(sets.length + 1);
  for (const [index, set] of sets.entries()) offsets[index + 1] = (offsets[index] ?? 0) + set.length;
  const values = new Int32Array(offsets[sets.length] ?? 0);
  for (const [index, set] of sets.entries()) values.set(set, offsets[index]);
  return { values, offsets };
}

/** Different values: a step that is odd meets every number once. */
function randomSet(size: number, seed: number): number[] {
  let value = Math.imul(seed + 1, 0x51ed270b);
  return Array.from({ length: size }, () => (value = (value + 0x6d2b79f5) | 0));
}

/** Set `pair` and set `trials + pair` have the similarity that is told, the nearest one to what is asked that there is. */
function randomPairs(size: number, wanted: number, trials: number): { readonly sets: ShingleSets; readonly similarity: number } {
  const common = Math.round((2 * size * wanted) / (1 + wanted));
  const random = numbers(size + trials);
  const union = Array.from({ length: trials }, () => {
    const seen = new Set<number>();
    while (seen.size < 2 * size - common) seen.add(random(2 ** 32) | 0);
    return [...seen];
  });
  const left = union.map((values) => values.slice(0, size));
  const right = union.map((values) => [...values.slice(0, common), ...values.slice(size)]);
  return { sets: setsOf([...left, ...right]), similarity: common / (2 * size - common) };
}

function sharedBands(keys: Int32Array, bands: number, trials: number, pair: number): number {
  let shared = 0;
  for (let band = 0; band < bands; band++) if (keys[band * 2 * trials + pair] === keys[band * 2 * trials + trials + pair]) shared++;
  return shared;
}

/** Mulberry32: whole numbers below a bound, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
