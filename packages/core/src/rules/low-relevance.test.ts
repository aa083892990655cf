import { expect, test } from "vitest";
import type { Relevance } from "../schema/example.ts";
import { lowRelevance } from "./low-relevance.ts";

const isFlagged = (relevance: Relevance | undefined, required: Relevance | null): boolean =>
  lowRelevance.check(
    { kind: "text", text: "x", ...(relevance === undefined ? {} : { relevance }) },
    { thresholds: { required_relevance: required } },
  ).length > 0;

test("document 4 wants medium: low is flagged, medium and high are not", () => {
  expect(isFlagged("low", "medium")).toBe(true);
  expect(isFlagged("medium", "medium")).toBe(false);
  expect(isFlagged("high", "medium")).toBe(false);
  expect(isFlagged("medium", "high")).toBe(true);
});

test("what nobody assessed is not flagged, and nothing is where no pack asks", () => {
  expect(isFlagged(undefined, "medium")).toBe(false);
  expect(isFlagged("low", null)).toBe(false);
});
