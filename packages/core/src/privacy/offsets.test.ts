import { expect, test } from "vitest";
import { offsetMap, toCodePoints } from "./offsets.ts";

const span = (start: number, end: number): { type: string; start: number; end: number; score: number; validated: boolean } => ({
  type: "IP",
  start,
  end,
  score: 1,
  validated: false,
});

test("UTF-16 offsets become code points, and a text without surrogates keeps its spans", () => {
  const spans = [span(2, 4), span(6, 7)];
  expect(toCodePoints("😀ab😀c", spans)).toEqual([span(1, 3), span(4, 5)]);
  expect(toCodePoints("abcdefg", spans)).toBe(spans);
});

test("a lone surrogate counts as one code point", () => {
  expect(toCodePoints("\ud83da\udc00b", [span(1, 4)])).toEqual([span(1, 4)]);
});

test("offsets before, in and behind a placeholder of thirteen characters", () => {
  const map = offsetMap([span(4, 6), span(10, 30)]);
  expect([map(0, "start"), map(4, "start"), map(4, "end")]).toEqual([0, 4, 4]);
  expect([map(5, "start"), map(5, "end"), map(6, "end")]).toEqual([4, 17, 17]);
  expect([map(10, "start"), map(20, "end"), map(30, "start"), map(31, "end")]).toEqual([21, 34, 34, 35]);
});
