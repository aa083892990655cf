import { describe, expect, test } from "vitest";
import { audit, hashed, inOrder, pairsByCounting, randomFrom, setsOf } from "./test-near.ts";
import { jaccard } from "./kernels/jaccard.ts";
import { allPairs, survivors } from "./kernels/join.ts";

const families = [
  { name: "short sets of a skewed vocabulary", vocabulary: 3000, mean: 12 },
  { name: "medium sets", vocabulary: 20_000, mean: 50 },
  { name: "tiny sets that overlap heavily", vocabulary: 60, mean: 6 },
];
const cases = families.flatMap((family) => [0.5, 0.7, 0.8, 0.9, 1].map((threshold) => ({ ...family, threshold })));

describe.each(cases)("$name at $threshold", ({ vocabulary, mean, threshold }) => {
  const random = randomFrom(3 + Math.round(100 * threshold) + mean);
  const lists = makeSets(random, vocabulary, mean);
  const sets = setsOf(lists);
  const count = lists.length;
  const order = inOrder(count).sort((a, b) => hashed(a * 7) - hashed(b * 7));
  const pairs = pairsByCounting(sets, threshold);

  test("all pairs are those of brute force, each once with its similarity", () => {
    const found = new Map<string, number>();
    let repeated = 0;
    allPairs(sets, threshold, inOrder(count), (earlier, later, similarity) => {
      repeated += found.has(`${earlier} ${later}`) ? 1 : 0;
      found.set(`${earlier} ${later}`, similarity);
    });
    expect(repeated).toBe(0);
    expect(pairs.size).toBeGreaterThan(10);
    expect([...found].toSorted()).toEqual([...pairs].toSorted());
  });

  test("no two kept sets reach the threshold, and each dropped one has the best of those kept before it as its witness", () => {
    const { witness, similarity } = survivors(sets, threshold, order);
    expect(audit(pairs, order, witness, similarity)).toEqual({ keptPairs: 0, withoutWitness: 0, notTheBest: 0 });
  });

  test("where sets are stored changes nothing", () => {
    const places = inOrder(count).sort((a, b) => hashed(a) - hashed(b));
    const stored = new Int32Array(count);
    for (const [now, before] of places.entries()) stored[before] = now;
    const moved = survivors(
      setsOf(Array.from(places, (before) => lists[before] ?? [])),
      threshold,
      order.map((set) => stored[set] ?? 0),
    );
    const here = survivors(sets, threshold, order);
    const back = here.witness.map((_, set) => places[moved.witness[stored[set] ?? 0] ?? -1] ?? -1);
    expect(back).toEqual(here.witness);
  });
});

test("jaccard is exact or -1, and sets that share nothing are alike at no threshold", () => {
  const sets = setsOf([[1, 2, 3, 4], [2, 3, 4, 5], [9], [], []]);
  expect(jaccard(sets, 0, 1, 0.6)).toBe(3 / 5);
  expect(jaccard(sets, 0, 1, 0.61)).toBe(-1);
  expect(jaccard(sets, 0, 2, 1e-12)).toBe(-1);
  expect(jaccard(sets, 3, 4, 1e-12)).toBe(-1);
});

test("pairs exactly at the threshold count, whatever the rounding", () => {
  for (const [shared, own] of [
    [7, 3],
    [8, 2],
    [80, 20],
    [9, 1],
    [56, 24],
  ] as const) {
    const sets = setsOf([range(0, shared + own), range(0, shared)]);
    const threshold = shared / (shared + own);
    expect(survivors(sets, threshold, inOrder(2)).witness).toEqual(Int32Array.of(-1, 0));
    expect(survivors(sets, threshold + 1e-6, inOrder(2)).witness).toEqual(Int32Array.of(-1, -1));
  }
});

test("a shingle that thousands share, beside rare ones, brings no comparisons of all with all", () => {
  // 50 shared and 10 own shingles: similarity 5/7, below the threshold, so that every one of them is kept and indexed.
  const boilerplate = range(0, 50);
  const rows = Array.from({ length: 4000 }, (_, row) => [...boilerplate, ...range(1000 + row * 10, 10)]);
  const sets = setsOf(rows.map((row) => row.map(hashed)));
  let compared = 0;
  const watched = { values: sets.values, offsets: watch(sets.offsets, () => compared++) };
  const { witness } = survivors(watched, 0.8, inOrder(rows.length));
  expect(witness.every((by) => by === -1)).toBe(true);
  // Some reads of offsets a set, not some thousand.
  expect(compared / rows.length).toBeLessThan(100);
});

/** Counts how often a number is read. */
function watch(array: Float64Array, onRead: () => void): Float64Array {
  return new Proxy(array, {
    get(target, property) {
      if (typeof property === "string" && /^\d+$/.test(property)) onRead();
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function range(start: number, length: number): number[] {
  return Array.from({ length }, (_, place) => start + place);
}

/** 1500 sets, 1500 edited copies of them, two single shingles and two empty sets. */
function makeSets(random: () => number, vocabulary: number, mean: number): number[][] {
  const drawn = Array.from({ length: 1500 }, () =>
    Array.from({ length: 1 + Math.floor(random() * 2 * mean) }, () => hashed(Math.floor(vocabulary * random() ** 3))),
  );
  const edited = drawn.map((set) => {
    const copy = [...new Set(set)];
    for (let edits = Math.floor(random() * 4); edits > 0; edits--) {
      if (random() < 0.5 && copy.length > 1) copy.splice(Math.floor(random() * copy.length), 1);
      else copy.push(hashed(vocabulary + Math.floor(random() * 1e6)));
    }
    return copy;
  });
  return [...drawn, ...edited, [hashed(1)], [hashed(1)], [], []];
}
