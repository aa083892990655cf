import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const fields = ["id", "kind", "sourceKind", "reviewStatus", "quality.score", "quality.tier", "engagement.likes"];

test.each([
  ["knid", "kind"],
  ["qualty.score", "quality.score"],
  ["review_status", "reviewStatus"],
  ["sourcekind", "sourceKind"],
  ["likes", "engagement.likes"],
  ["teir", "quality.tier"],
])("takes %s for %s", (typed, meant) => {
  expect(nearest(typed, fields)).toBe(meant);
});

test("says nothing when no candidate is close", () => {
  expect(nearest("banana", fields)).toBeUndefined();
  expect(nearest("kind", [])).toBeUndefined();
});

test("prefers the exact word and then the first of equals", () => {
  expect(nearest("tag", ["tab", "tag"])).toBe("tag");
  expect(nearest("tax", ["tab", "tag"])).toBe("tab");
});
