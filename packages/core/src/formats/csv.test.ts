import { expect, test } from "vitest";
import { readOne } from "./contract.ts";
import { csv } from "./csv.ts";

test("reads cells as their columns say: lists, objects, numbers and truth from text, an empty cell as nothing", () => {
  const row = {
    id: "01JD0000000000000000000001",
    kind: "classification",
    source: "",
    text: "Cancel Acme",
    intent: "cancel",
    sentiment: "",
    entities: '[{"label":"ORG","start":7,"end":11,"surface":"Acme"}]',
    tags: '["a","b"]',
    quality_score: "0.8",
    quality_tier: "gold",
    weight: "0.5",
    created_at: "2026-01-02T03:04:05.000Z",
    metadata: '{"note":1}',
    votes: "7",
  };
  expect(readOne(csv, row, "csv")).toEqual({
    kind: "classification",
    id: "01JD0000000000000000000001",
    text: "Cancel Acme",
    labels: { intent: "cancel" },
    entities: [{ label: "ORG", start: 7, end: 11, surface: "Acme" }],
    tags: ["a", "b"],
    weight: 0.5,
    createdAt: "2026-01-02T03:04:05.000Z",
    metadata: { note: 1, votes: "7" },
  });
  expect(readOne(csv, { kind: "rating", input: "a", output: "b", label: "False" }, "csv")).toMatchObject({ kind: "rating", label: false });
});

test("reads tags that people separate by commas or semicolons", () => {
  expect(readOne(csv, { text: "a", tags: "gm, builder;  late" }, "csv")).toEqual({
    kind: "text",
    text: "a",
    tags: ["gm", "builder", "late"],
  });
});

test("leaves numbers alone that no column of ours holds, and text that looks like JSON", () => {
  expect(readOne(csv, { text: "[1]", likes: "007" }, "csv")).toEqual({ kind: "text", text: "[1]", metadata: { likes: "007" } });
});

test("keeps a foreign id as the source's, and a weight or confidence out of range as metadata", () => {
  expect(readOne(csv, { text: "a", id: "12", confidence: "high", weight: "80" }, "csv")).toEqual({
    kind: "text",
    text: "a",
    sourceId: "12",
    metadata: { confidence: "high", weight: "80" },
  });
});
