import { expect, test } from "vitest";
import { relevanceOf } from "./relevance.ts";

test.each([
  [0, "low"],
  [1, "low"],
  [2, "medium"],
  [4, "medium"],
  [5, "high"],
  [22, "high"],
] as const)("%i terms are %s", (terms, relevance) => {
  expect(relevanceOf(terms, {})).toBe(relevance);
});

test("a pack may ask for more or fewer", () => {
  expect(relevanceOf(3, { medium: 4, high: 6 })).toBe("low");
  expect(relevanceOf(3, { medium: 1, high: 3 })).toBe("high");
});
