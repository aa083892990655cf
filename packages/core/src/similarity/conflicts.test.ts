import fc from "fast-check";
import { expect, test } from "vitest";
import type { AnsweredExample } from "./conflicts.ts";
import { findConflicts } from "./conflicts.ts";

test("other labels of one text are a warning, other answers to one input worth a look", () => {
  const found = findConflicts([
    { id: "2", kind: "classification", inputHash: "x", contentHash: "a" },
    { id: "1", kind: "classification", inputHash: "x", contentHash: "b" },
    { id: "3", kind: "chat", inputHash: "x", contentHash: "c" },
    { id: "4", kind: "chat", inputHash: "x", contentHash: "d" },
    { id: "5", kind: "rating", inputHash: "x", contentHash: "e" },
  ]);
  expect(found).toEqual([
    { rule: "conflicting-label", severity: "warning", inputHash: "x", ids: ["1", "2"] },
    { rule: "conflicting-answer", severity: "info", inputHash: "x", ids: ["3", "4"] },
  ]);
});

test("a correction does not contradict what it corrects, but it may contradict a third", () => {
  const original = { id: "1", kind: "chat", inputHash: "x", contentHash: "a" } as const;
  const correction = { id: "2", kind: "chat", inputHash: "x", contentHash: "b", parentId: "1" } as const;
  expect(findConflicts([original, correction])).toEqual([]);
  const third = { id: "3", kind: "chat", inputHash: "x", contentHash: "b" } as const;
  expect(findConflicts([original, correction, third]).map(({ ids }) => ids)).toEqual([["1", "3"]]);
});

test("finds who contradicts whom as a comparison of all pairs does", () => {
  const example: fc.Arbitrary<AnsweredExample> = fc.record(
    {
      id: fc.constantFrom("1", "2", "3", "4", "5", "6"),
      kind: fc.constantFrom("chat", "text"),
      inputHash: fc.constantFrom("x", "y"),
      contentHash: fc.constantFrom("a", "b", "c"),
      parentId: fc.constantFrom("1", "2", "3"),
    },
    { requiredKeys: ["id", "kind", "inputHash", "contentHash"] },
  );
  fc.assert(
    fc.property(fc.uniqueArray(example, { selector: ({ id }) => id }), (examples) => {
      const isLinked = (a: AnsweredExample, b: AnsweredExample): boolean => a.parentId === b.id || b.parentId === a.id;
      const expected = examples.filter((a) =>
        examples.some((b) => a.kind === b.kind && a.inputHash === b.inputHash && a.contentHash !== b.contentHash && !isLinked(a, b)),
      );
      const found = findConflicts(examples).flatMap(({ ids }) => ids);
      expect(found.toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
    }),
    { numRuns: 2_000 },
  );
});
