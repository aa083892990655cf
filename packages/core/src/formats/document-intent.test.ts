import fc from "fast-check";
import { expect, test } from "vitest";
import { json as jsonFile } from "../files/json.ts";
import { bytesSource, readEverything } from "../files/test-sources.ts";
import type { Json } from "../schema/json.ts";
import { readOne, refusalOf, remarksOn } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { documentIntent } from "./document-intent.ts";

/** Document 2, `TrainingExample`: every field it has, in the types it names. */
const sample = {
  text: "Cancel my Acme order",
  expected_intent: "cancel_order",
  expected_sentiment: "negative",
  expected_entities: [["Acme", "ORG", 10, 14]],
  expected_persona: "support",
  confidence: 0.9,
  source: "conversation",
  metadata: { row: 7 },
  created_at: "2026-01-07T10:00:00.123456",
};
const held = {
  kind: "classification",
  text: "Cancel my Acme order",
  labels: { intent: "cancel_order", sentiment: "negative", persona: "support" },
  entities: [{ label: "ORG", start: 10, end: 14, surface: "Acme" }],
  confidence: 0.9,
  source: "conversation",
  createdAt: "2026-01-07T10:00:00.123Z",
  metadata: { row: 7 },
};

test("every field of document 2's example lands in its place", () => {
  expect(readOne(documentIntent, sample)).toEqual(held);
});

test("a table says the same in cells", () => {
  const cells = { ...sample, expected_entities: JSON.stringify(sample.expected_entities), confidence: "0.9", metadata: '{"row":7}' };
  expect(readOne(documentIntent, cells, "csv")).toEqual(held);
});

test("document 2's envelope gives its examples", async () => {
  const file = JSON.stringify({ dataset: "Intent Classification Dataset", version: "1.0", examples: [sample, sample] });
  const { values } = await readEverything(jsonFile, bytesSource(file));
  expect(values.map((row) => readOne(documentIntent, row, "json"))).toEqual([held, held]);
});

test("of the two strings of a tuple the one in the text is the surface, whichever comes first", () => {
  const swapped = { ...sample, expected_entities: [["ORG", "Acme", 10, 14]] };
  expect(readOne(documentIntent, swapped)).toEqual(held);
});

test("offsets count code points, or UTF-16 units where only these fit", () => {
  for (const start of [12, 13]) {
    const row = { ...sample, text: "😀 Cancel my Acme order", expected_entities: [{ label: "ORG", start, end: start + 4, text: "Acme" }] };
    expect(readOne(documentIntent, row)).toMatchObject({ entities: [{ start: 12, end: 16, surface: "Acme" }] });
  }
});

test("every entity that lies in its text is found there again", () => {
  const place = fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme", minLength: 1 }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(place, fc.boolean(), ([before, surface, after], inUnits) => {
      const size = (text: string): number => (inUnits ? text.length : Array.from(text).length);
      const row = {
        text: before + surface + after,
        expected_intent: "a",
        expected_entities: [[surface, "LABEL", size(before), size(before) + size(surface)]],
      };
      const reading = readOne(documentIntent, row);
      const [span] = reading.kind === "classification" ? reading.entities : [];
      expect(Array.from(row.text).slice(span?.start, span?.end).join("")).toBe(surface);
    }),
  );
});

test("an entity that fits nowhere stays as it is, with a finding", () => {
  const row = { ...sample, expected_entities: [["Acme", "ORG", 0, 4]] };
  expect(readOne(documentIntent, row)).toMatchObject({ entities: [{ label: "ORG", start: 0, end: 4, surface: "Acme" }] });
  expect(remarksOn(documentIntent, row)).toMatchObject([{ rule: "span-invalid", at: "/entities/0" }]);
});

test("what rules judge is read: no label, a confidence beyond 1, an empty text", () => {
  const row = { text: "", expected_intent: null, expected_sentiment: null, expected_persona: null, confidence: 1.5 };
  expect(readOne(documentIntent, row)).toEqual({ kind: "classification", text: "", labels: {}, entities: [], confidence: 1.5 });
});

test("is recognised by its names", () => {
  expect(detectFormat({ rows: [sample], fileKind: "jsonl" })).toEqual({
    format: documentIntent,
    reason: "the rows hold `text`, `expected_intent` and `expected_sentiment`",
  });
});

test.each<[string, Json, string]>([
  ["no text", { expected_intent: "secret" }, "incomplete"],
  ["a text that is an object", { text: { a: "secret" }, expected_intent: "a" }, "shape"],
  ["entities that are none", { text: "a", expected_intent: "a", expected_entities: [["secret", "b"]] }, "shape"],
  ["no object", "secret", "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(documentIntent, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
