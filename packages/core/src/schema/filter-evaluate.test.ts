import { expect, test } from "vitest";
import { parseFilter } from "./filter.ts";
import { evaluateFilter } from "./filter-evaluate.ts";
import type { FieldValue } from "./filter-evaluate.ts";

const example: Readonly<Record<string, FieldValue>> = {
  kind: "chat",
  topic: "b",
  tag: ["gold", "Big"],
  category: [],
  "quality.tier": "silver",
  "quality.score": 0.7,
  createdAt: Date.UTC(2026, 0, 15),
  wasUsed: false,
  input: "Where is the BIG, cat?",
  output: "In Äpfelstadt.",
  severity: "warning",
  "metadata.n": 5,
  "metadata.text": "5",
  "metadata.none": null,
  "metadata.list": ["a"],
};

const fits = (text: string): boolean => evaluateFilter(parseFilter(text, { nowMs: Date.UTC(2026, 0, 31) }), (field) => example[field]);

test.each([
  "quality.tier >= silver",
  "quality.tier < gold",
  "severity <= warning and severity != error",
  "topic > a and topic < ba and topic > B",
  "createdAt > 30d and createdAt < 2026-01-31",
  "tag has gold and not tag has big",
  "tag in (x, Big)",
  "text matches 'big cat' and text contains 'IS THE'",
  "output contains äPFEL",
  "category is-missing and rejected is-missing and not text is-missing",
  "wasUsed = false and wasUsed != true",
  "metadata.n = 5 and metadata.n >= 4.5 and metadata.text = '5'",
  "metadata.none is-missing and metadata.else.where is-missing",
  "not metadata.list is-missing and metadata.list != a",
])("true: %s", (text) => {
  expect(fits(text)).toBe(true);
  expect(fits(`not (${text})`)).toBe(false);
});

test.each([
  "kind = text",
  "tag has silver",
  "output matches äpfel",
  "metadata.n = '5'",
  "metadata.n contains 5",
  "metadata.list in (a)",
  "metadata.list contains a",
])("false: %s", (text) => {
  expect(fits(text)).toBe(false);
  expect(fits(`not (${text})`)).toBe(true);
});

test("of a missing value only is-missing and != are true", () => {
  for (const text of ["project = x", "project < x", "project >= x", "project in (x)", "project contains x", "project matches x"]) {
    expect(fits(text), text).toBe(false);
    expect(fits(`not ${text}`), text).toBe(true);
  }
  for (const text of ["project != x", "project is-missing", "relevance != high", "verifiedAccurate != true"])
    expect(fits(text), text).toBe(true);
});
