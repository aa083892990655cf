import { expect, test } from "vitest";
import { spanOverlap } from "./span-overlap.ts";

function places(...spans: readonly (readonly [number, number])[]): readonly string[] {
  const entities = spans.map(([start, end]) => ({ label: "x", start, end, surface: "" }));
  return spanOverlap.check({ kind: "classification", text: "0123456789", labels: {}, entities }, { thresholds: {} }).map(({ at }) => at);
}

test("spans that touch do not overlap", () => {
  expect(places([0, 3], [3, 6])).toEqual([]);
});

test("finds spans that share characters, in whatever order they are given", () => {
  expect(places([2, 5], [0, 3])).toEqual(["/entities/0"]);
  expect(places([0, 9], [1, 2], [3, 4])).toEqual(["/entities/1", "/entities/2"]);
  expect(places([0, 3], [0, 3])).toEqual(["/entities/1"]);
});

test("leaves spans that lie nowhere to the rule that tells of them", () => {
  expect(places([-5, 3], [0, 2])).toEqual([]);
  expect(places([0, 9], [4, 4], [7, 2])).toEqual([]);
});
