import { expect, test } from "vitest";
import type { Span } from "../schema/content.ts";
import { spanInvalid } from "./span-invalid.ts";

const text = "gm 🎀 Paris";
const paris: Span = { label: "city", start: 5, end: 10, surface: "Paris" };

function problems(...entities: readonly Span[]): readonly string[] {
  const context = { thresholds: {}, labels: { entities: new Set(["city"]) } };
  return spanInvalid.check({ kind: "classification", text, labels: {}, entities }, context).map(({ at, message }) => `${at} ${message}`);
}

test("counts code points: an emoji is one character", () => {
  expect(problems(paris)).toEqual([]);
  expect(problems({ ...paris, start: 6, end: 11 })).toEqual(["/entities/0 the span 6 to 11 reaches beyond the text of 10 characters"]);
});

test("finds empty, reversed and negative spans", () => {
  expect(problems({ ...paris, end: 5 })).toEqual(["/entities/0 the span 5 to 5 is empty"]);
  expect(problems({ ...paris, start: 10, end: 5 })).toEqual(["/entities/0 the span 10 to 5 is empty"]);
  expect(problems({ ...paris, start: -1 })).toEqual(["/entities/0 the span -1 to 10 reaches beyond the text of 10 characters"]);
});

test("finds a surface that the text does not have there, and never quotes it", () => {
  expect(problems(paris, { ...paris, surface: "Lyon!" })).toEqual(["/entities/1 the text from 5 to 10 differs from the stored surface"]);
});

test("finds labels that are blank or that the dataset does not have", () => {
  expect(problems({ ...paris, label: "" })).toEqual(["/entities/0 the span has no label"]);
  expect(problems({ ...paris, label: "town" })).toEqual(["/entities/0 the label of the span is none of the 1 that the dataset has"]);
});
