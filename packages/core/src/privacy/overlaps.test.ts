import { expect, test } from "vitest";
import { settleOverlaps, settlePlaceholders } from "./overlaps.ts";

const span = (
  start: number,
  end: number,
  score = 0.5,
  validated = false,
): { type: string; start: number; end: number; score: number; validated: boolean } => ({
  type: "X",
  start,
  end,
  score,
  validated,
});

test("validated beats score, score beats length, length beats position", () => {
  expect(settleOverlaps([span(0, 9, 1), span(5, 6, 0.4, true)])).toEqual([span(5, 6, 0.4, true)]);
  expect(settleOverlaps([span(0, 9, 0.5), span(5, 6, 0.6)])).toEqual([span(5, 6, 0.6)]);
  expect(settleOverlaps([span(0, 4), span(3, 9)])).toEqual([span(3, 9)]);
  expect(settleOverlaps([span(3, 6), span(0, 3), span(2, 5)])).toEqual([span(0, 3), span(3, 6)]);
});

test("what is nothing but placeholders is dropped, what cuts through one takes all of it", () => {
  const text = "ab[REDACTED_IP][REDACTED_IP]cd";
  expect(settlePlaceholders(text, [span(2, 28), span(5, 9)])).toEqual([]);
  expect(settlePlaceholders(text, [span(0, 5), span(20, 30)])).toEqual([span(0, 15), span(15, 30)]);
  expect(settlePlaceholders("plain", [span(0, 2)])).toEqual([span(0, 2)]);
});
