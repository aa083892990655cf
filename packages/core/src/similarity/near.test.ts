import { describe, expect, test } from "vitest";
import { loadByteKernels } from "../text/kernels/load.ts";
import { bandedSurvivors } from "./kernels/bands.ts";
import { survivors } from "./kernels/join.ts";
import { findNearDuplicates, shingleWordsFor } from "./near.ts";
import { planBands } from "./near-plan.ts";
import { audit, hashed, inOrder, pairsByCounting, randomFrom, setsOf } from "./test-near.ts";

const kernels = loadByteKernels();

describe("findNearDuplicates", () => {
  test("keeps the better of two near-duplicates, names it as the witness and gives it the weight", () => {
    const sets = setsOf([range(0, 20), range(1, 20), range(500, 20), range(0, 20)]);
    const found = findNearDuplicates(sets, { order: Int32Array.of(1, 2, 0, 3), shingleWords: 3 });
    expect(found.witness).toEqual(Int32Array.of(1, -1, -1, 1));
    expect(found.similarity).toEqual(Float64Array.of(19 / 21, 0, 0, 19 / 21));
    expect(found.weight).toEqual(Int32Array.of(0, 3, 1, 0));
    expect(found).toMatchObject({ kept: 2, method: "exact", threshold: 0.8, shingleWords: 3 });
    expect(found.reason).toMatch(/^Exact join: 3 texts/);
  });

  test("takes texts without words for near-duplicates of nothing", () => {
    const sets = kernels.shingleSets(["", "...", "gm 🎀", "gm 🧹", "gm 🎀"], 3);
    const found = findNearDuplicates(sets, { order: inOrder(5), shingleWords: 3 });
    expect(found.witness).toEqual(Int32Array.of(-1, -1, -1, -1, 2));
    expect(found.weight).toEqual(Int32Array.of(1, 1, 2, 1, 0));
  });

  test("does not chain: what is like a dropped one only is kept", () => {
    const sets = setsOf([range(0, 100), range(9, 100), range(18, 100)]);
    const found = findNearDuplicates(sets, { order: Int32Array.of(0, 1, 2), shingleWords: 3 });
    expect(found.witness).toEqual(Int32Array.of(-1, 0, -1));
  });

  test.each(["exact", "bands"] as const)("stays linear under many identical rows, %s", (mode) => {
    const copies = 30_000;
    const rows = [...Array.from({ length: copies }, () => range(0, 40).map(hashed)), range(900, 40).map(hashed)];
    const found = findNearDuplicates(setsOf(rows), { order: inOrder(rows.length).reverse(), shingleWords: 3, mode });
    expect(found.kept).toBe(2);
    expect(found.weight[copies - 1]).toBe(copies);
  });

  test.each(["exact", "bands"] as const)("stays bounded under a boilerplate that all rows share, %s", (mode) => {
    // One half reaches the threshold with the first of its kind, the other stays just below: all with all would be 200 million comparisons.
    const boilerplate = range(0, 50).map(hashed);
    const rows = Array.from({ length: 20_000 }, (_, row) => [
      ...boilerplate,
      ...range(1000 + row * 10, row % 2 === 0 ? 3 : 10).map(hashed),
    ]);
    const found = findNearDuplicates(setsOf(rows), { order: inOrder(rows.length), shingleWords: 3, mode });
    expect(found.kept).toBe(10_001);
    expect(found.weight[0]).toBe(10_000);
  });

  test("refuses a threshold out of range, and an order that leaves a set out or names one twice", () => {
    const sets = setsOf([[1], [2]]);
    for (const threshold of [0, -1, 1.01, Number.NaN]) {
      expect(() => findNearDuplicates(sets, { order: inOrder(2), shingleWords: 3, threshold })).toThrow(/threshold/);
    }
    for (const order of [[0], [0, 0], [0, 2], [0, 1, 1], [-1, 0]]) {
      expect(() => findNearDuplicates(sets, { order: Int32Array.from(order), shingleWords: 3 })).toThrow(/order/);
    }
  });

  test("finds nothing in nothing", () => {
    const found = findNearDuplicates(setsOf([]), { order: inOrder(0), shingleWords: 3 });
    expect(found).toMatchObject({ kept: 0, witness: new Int32Array(0) });
  });
});

describe("planted edits of texts of 90 words and more", () => {
  const random = randomFrom(17);
  const texts = Array.from({ length: 400 }, () => Array.from({ length: 90 + Math.floor(random() * 150) }, () => word(random)));
  const edits: Readonly<Record<string, (text: readonly string[], at: number) => readonly string[]>> = {
    "an exact copy": (text) => text,
    "one word inserted": (text, at) => text.toSpliced(at, 0, "inserted"),
    "one word substituted": (text, at) => text.toSpliced(at, 1, "substituted"),
    "a signature of five words": (text) => [...text, "sent", "from", "my", "other", "phone"],
  };

  test.each(Object.entries(edits))("are found whenever they reach the threshold: %s", (_, edit) => {
    const edited = texts.map((text) => edit(text, Math.floor(random() * text.length)));
    const sets = kernels.shingleSets(
      [...texts, ...edited].map((text) => text.join(" ")),
      3,
    );
    const { witness } = findNearDuplicates(sets, { order: inOrder(2 * texts.length), shingleWords: 3, mode: "exact" });
    const pairs = pairsByCounting(sets, 0.8);
    const reached = texts.map((_text, at) => at).filter((at) => pairs.has(`${at} ${at + texts.length}`));
    expect(reached.length).toBe(texts.length);
    expect(reached.filter((at) => witness[at + texts.length] !== at)).toEqual([]);
  });
});

describe("banded mode", () => {
  test.each([0.7, 0.8, 0.9])("drops nothing without a kept witness that reaches %s", (threshold) => {
    const sets = setsOf(clusters(randomFrom(31), 1500));
    const order = inOrder(sets.offsets.length - 1).sort((a, b) => hashed(a) - hashed(b));
    const found = findNearDuplicates(sets, { order, shingleWords: 3, threshold, mode: "bands" });
    expect(found.method).toBe("bands+repair");
    expect(found.reason).toMatch(/Measured on a sample of [\d,]+: \d+ of its \d+ near-duplicates share a band with their witness\.$/);
    const pairs = pairsByCounting(sets, threshold);
    const { similarity, witness } = found;
    expect(witness.filter((by) => by >= 0).length).toBeGreaterThan(100);
    expect(audit(pairs, order, witness, similarity).withoutWitness).toBe(0);
  });

  test.each([
    { threshold: 0.7, shared: 70, own: 15 },
    { threshold: 0.8, shared: 80, own: 10 },
    { threshold: 0.9, shared: 90, own: 5 },
  ])("finds 99 % of the pairs exactly at $threshold", ({ threshold, shared, own }) => {
    const pairs = 6000;
    const sets = setsOf(
      Array.from({ length: 2 * pairs }, (_, set) => {
        const start = (set >> 1) * 1000;
        return [...range(start, shared), ...range(start + 200 + (set & 1) * 100, own)].map(hashed);
      }),
    );
    const plan = planBands({ records: 1_000_000, threshold });
    const keys = kernels.bandKeys(sets, { bands: plan?.bands ?? 0, rows: plan?.rows ?? 0, family: "classic", seed: 1 });
    const { witness } = bandedSurvivors(sets, keys, plan?.bands ?? 0, threshold, inOrder(2 * pairs));
    expect(witness.filter((by) => by >= 0).length / pairs).toBeGreaterThanOrEqual(0.99);
  });

  test.each([0.7, 0.8])("drops 99.9 % of what the exact join drops at %s, duplicates being as alike as they come", (threshold) => {
    const sets = setsOf(clusters(randomFrom(7), 20_000));
    const members = inOrder(sets.offsets.length - 1);
    const exact = survivors(sets, threshold, members).witness.filter((by) => by >= 0).length;
    const { witness } = findNearDuplicates(sets, { order: members, shingleWords: 3, threshold, mode: "bands" });
    expect(exact).toBeGreaterThan(4000);
    expect(witness.filter((by) => by >= 0).length / exact).toBeGreaterThanOrEqual(0.999);
  });
});

test("bands of a boilerplate that all rows share are not compared pair by pair", () => {
  const boilerplate = range(0, 50).map(hashed);
  const rows = Array.from({ length: 20_000 }, (_, row) => [...boilerplate, ...range(1000 + row * 10, row % 2 === 0 ? 3 : 10).map(hashed)]);
  const sets = setsOf(rows);
  const keys = kernels.bandKeys(sets, { bands: 12, rows: 5, family: "classic", seed: 1 });
  const { witness } = bandedSurvivors(sets, keys, 12, 0.8, inOrder(rows.length));
  // Every other row is a duplicate of the first; the rest stays below the threshold with everything.
  expect(witness.filter((by) => by === 0).length).toBeGreaterThanOrEqual(0.999 * 9_999);
  expect(witness.filter((by) => by > 0).length).toBe(0);
});

test("shingles are three words wide below 200 words, five above", () => {
  expect([0, 52, 199.9, 200, 520].map(shingleWordsFor)).toEqual([3, 3, 3, 5, 5]);
});

function range(start: number, length: number): number[] {
  return Array.from({ length }, (_, place) => start + place);
}

function word(random: () => number): string {
  return `w${Math.floor(5000 * random() ** 2)}`;
}

/** Sets of about 50 shingles, and for half of them a copy with a similarity spread evenly over 0.5 to 1. */
function clusters(random: () => number, count: number): number[][] {
  return Array.from({ length: count }, (_, number) => {
    const own = range(number * 1000, 30 + Math.floor(random() * 40)).map(hashed);
    const similarity = 0.5 + random() * 0.5;
    const changed = Math.round((own.length * (1 - similarity)) / (1 + similarity));
    const copy = [...own.slice(changed), ...range(number * 1000 + 500, changed).map(hashed)];
    return number % 2 === 0 ? [own] : [own, copy];
  }).flat();
}
