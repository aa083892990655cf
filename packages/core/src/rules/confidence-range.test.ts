import { expect, test } from "vitest";
import { confidenceRange } from "./confidence-range.ts";

const isFlagged = (confidence?: number): boolean =>
  confidenceRange.check({ kind: "text", text: "x", ...(confidence === undefined ? {} : { confidence }) }, { thresholds: {} }).length > 0;

test("flags what lies outside 0 to 1, and NaN", () => {
  for (const confidence of [-0.01, 1.01, 95, Number.NaN, Infinity]) expect(isFlagged(confidence), String(confidence)).toBe(true);
});

test("0, 1, all between and none are fine", () => {
  for (const confidence of [0, 0.5, 1, undefined]) expect(isFlagged(confidence), String(confidence)).toBe(false);
});
