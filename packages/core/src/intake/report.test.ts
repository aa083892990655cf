import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countRefusal, countUp, importReportSchema, newTally, outcomes, sortedCounts } from "./report.ts";

describe("refusals", () => {
  test("are told by reason, with the first message and the first five lines", () => {
    const tally = newTally();
    for (let line = 1; line <= 8; line++) countRefusal(tally, { reason: "unreadable", message: `line ${line} is no JSON`, line });
    countRefusal(tally, { reason: "empty-text", message: "no words", line: 9 });
    expect([...tally.refusals.values()]).toEqual([
      { reason: "unreadable", message: "line 1 is no JSON", count: 8, lines: [1, 2, 3, 4, 5] },
      { reason: "empty-text", message: "no words", count: 1, lines: [9] },
    ]);
  });
});

describe("counts", () => {
  test("come most frequent first, equal ones by name, whatever the order they were counted in", () => {
    const counted = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });
    const shuffled = counted.chain((keys) => fc.tuple(fc.constant(keys), fc.shuffledSubarray(keys, { minLength: keys.length })));
    fc.assert(
      fc.property(shuffled, ([keys, others]) => {
        const [one, other] = [keys, others].map((list) => {
          const counter = new Map<string, number>();
          for (const key of list) countUp(counter, key);
          return sortedCounts(counter);
        });
        expect(JSON.stringify(one)).toBe(JSON.stringify(other));
        const values = Object.values(one ?? {});
        expect(values).toEqual(values.toSorted((a, b) => b - a));
        expect(values.reduce((sum, value) => sum + value, 0)).toBe(keys.length);
      }),
    );
  });

  test("count by more than one", () => {
    const counter = new Map<string, number>();
    countUp(counter, "EMAIL", 3);
    countUp(counter, "EMAIL");
    expect(sortedCounts(counter)).toEqual({ EMAIL: 4 });
  });
});

test("what becomes of a row is ordered from best to worst", () => {
  expect(outcomes).toEqual(["accepted", "updated", "duplicate", "rejected"]);
});

test("a report without its sum is none", () => {
  expect(importReportSchema.safeParse({ id: "i1" }).success).toBe(false);
});
