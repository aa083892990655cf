import { describe, expect, test } from "vitest";
import { backgroundJaccard, planBands, planNear } from "./near-plan.ts";
import { hashed, randomFrom, setsOf } from "./test-near.ts";

const short = { records: 1_000_000, meanShingles: 52, threshold: 0.8 };

describe("the planner", () => {
  test("joins a million short texts exactly, and says why and what it takes", () => {
    const plan = planNear(short);
    expect(plan.method).toBe("exact");
    expect(plan.sketch).toBeUndefined();
    expect(plan.reason).toMatch(
      /^Exact join: 1,000,000 texts hold 52,000,000 shingles, and up to 100 million .*; about \d+ MB and \d+ s\.$/,
    );
  });

  test("bands what holds more than 100 million shingles", () => {
    const plan = planNear({ ...short, records: 5_000_000 });
    expect(plan.method).toBe("bands+repair");
    expect(plan.sketch).toMatchObject({ family: "classic", seed: 1 });
    expect(plan.reason).toMatch(/^Banded sketches: 5,000,000 texts hold 260,000,000 .* more than the 100 million.*99\.\d\d % .* at 0\.8/);
  });

  test("bands what the memory does not suffice to join", () => {
    const plan = planNear({ ...short, memoryBytes: 2e8 });
    expect(plan.method).toBe("bands+repair");
    expect(plan.reason).toContain("of 200 MB");
  });

  test("never bands below a threshold of 0.6", () => {
    const plan = planNear({ ...short, records: 50_000_000, threshold: 0.5 });
    expect(plan.method).toBe("exact");
    expect(plan.reason).toContain("below a threshold of 0.6");
  });

  test("joins exactly where texts that are no duplicates are so alike that bands would take over 512 hashes", () => {
    const plan = planNear({ ...short, records: 5_000_000, background: () => 0.6 });
    expect(plan.method).toBe("exact");
    expect(plan.reason).toContain("0.60");
  });

  test("does what was asked for", () => {
    expect(planNear({ ...short, records: 100, mode: "bands" }).method).toBe("bands+repair");
    expect(planNear({ ...short, records: 100, mode: "bands" }).reason).toContain("asked for");
    expect(planNear({ ...short, records: 50_000_000, mode: "exact" }).method).toBe("exact");
    // Except where it cannot be done.
    expect(planNear({ ...short, mode: "bands", background: () => 0.9 }).method).toBe("exact");
  });

  test("sketches large sets by the family that is faster for them", () => {
    expect(planNear({ ...short, meanShingles: 533, mode: "bands" }).sketch?.family).toBe("fast");
  });

  test("asks for the background only where it bands", () => {
    let asked = 0;
    const background = (): number => {
      asked++;
      return 0.1;
    };
    planNear({ ...short, background });
    expect(asked).toBe(0);
    planNear({ ...short, mode: "bands", background });
    expect(asked).toBe(1);
  });
});

describe("bands and rows", () => {
  test("are 12 of 5 and 27 of 5 for a million texts at 0.8 and 0.7", () => {
    expect(planBands({ records: 1_000_000, threshold: 0.8 })).toMatchObject({ bands: 12, rows: 5 });
    expect(planBands({ records: 1_000_000, threshold: 0.7 })).toMatchObject({ bands: 27, rows: 5 });
  });

  test("find at least 99 % of the pairs exactly at the threshold, whatever the size", () => {
    for (const records of [1, 10, 1e3, 1e6, 1e9]) {
      for (const threshold of [0.6, 0.7, 0.8, 0.9, 1]) {
        const plan = planBands({ records, threshold });
        if (plan === undefined) expect(records).toBeGreaterThan(1e6);
        else expect(plan.recall).toBeGreaterThanOrEqual(0.99);
      }
    }
  });

  test("take more rows where random texts are more alike", () => {
    const plain = planBands({ records: 1e6, threshold: 0.9 });
    const alike = planBands({ records: 1e6, threshold: 0.9, background: 0.2 });
    expect(alike?.rows).toBeGreaterThan(plain?.rows ?? 0);
  });
});

test("the background is what nearly all random pairs stay below, and the same every time", () => {
  const random = randomFrom(5);
  const own = (): number[] => Array.from({ length: 10 }, () => hashed(Math.floor(random() * 1e9)));
  const shared = Array.from({ length: 10 }, (_, place) => hashed(place));
  const apart = setsOf(Array.from({ length: 500 }, own));
  const boilerplate = setsOf(Array.from({ length: 500 }, () => [...shared, ...own()]));
  expect(backgroundJaccard(apart)).toBe(0);
  expect(backgroundJaccard(boilerplate)).toBeCloseTo(1 / 3, 5);
  expect(backgroundJaccard(setsOf([]))).toBe(0.05);
  expect(backgroundJaccard(setsOf([[], []]))).toBe(0.05);
});
