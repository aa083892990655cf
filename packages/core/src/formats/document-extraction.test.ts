import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { readOne, refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { documentExtraction } from "./document-extraction.ts";

/** Document 5, "Extraction Log Sample". */
const sample = {
  timestamp: "2024-11-20T10:30:00Z",
  stage: "extraction",
  topic: "value investing",
  source_url: "https://example.com/article",
  source_content: "First 8000 chars...",
  extracted_insights: [{ text: "Buffett increased Alphabet...", category: "counterintuitive" }],
  quality_score: 8.5,
  passed_filters: true,
  insight_count: 3,
};

test("every field of document 5's extraction lands in its place", () => {
  expect(readOne(documentExtraction, sample)).toEqual({
    kind: "extraction",
    document: { url: "https://example.com/article", content: "First 8000 chars..." },
    items: [{ id: "item_1", text: "Buffett increased Alphabet...", category: "counterintuitive" }],
    createdAt: "2024-11-20T10:30:00.000Z",
    source: "extraction",
    sourceKind: "extraction",
    sourceId: "https://example.com/article",
    topic: "value investing",
    confidence: 0.85,
    metadata: { url: "https://example.com/article", quality_score: 8.5, passed_filters: true, insight_count: 3 },
  });
});

test("cuts the source at 8,000 characters, counted so that none is halved", () => {
  const whole = "🎯".repeat(8_000);
  expect(readOne(documentExtraction, { ...sample, source_content: whole })).toMatchObject({ document: { content: whole } });
  const long = readOne(documentExtraction, { ...sample, source_content: `${whole}🎯` });
  expect(long).toMatchObject({ document: { content: whole }, metadata: { truncated: true } });
});

test("insights keep their own ids, since feedback names them; what else they say is kept", () => {
  const insights = [{ id: "abc123", text: "a", category: "b", novelty: 3 }, "bare", { text: "c" }];
  expect(readOne(documentExtraction, { ...sample, source_title: "Alphabet", extracted_insights: insights })).toMatchObject({
    document: { title: "Alphabet" },
    items: [
      { id: "abc123", text: "a", category: "b" },
      { id: "item_2", text: "bare", category: "" },
      { id: "item_3", text: "c", category: "" },
    ],
    metadata: { "document-extraction": { "/items/0": { novelty: 3 } } },
  });
});

test("a score beyond 0 to 10 is kept, not believed", () => {
  const read = readOne(documentExtraction, { ...sample, quality_score: 85 });
  expect(read).toMatchObject({ metadata: { quality_score: 85 } });
  expect(read).not.toHaveProperty("confidence");
});

test("reads a source that gave nothing", () => {
  expect(readOne(documentExtraction, { ...sample, extracted_insights: [], passed_filters: false })).toMatchObject({ items: [] });
});

test("is recognised by its names", () => {
  expect(detectFormat({ rows: [sample], fileKind: "jsonl" })).toEqual({
    format: documentExtraction,
    reason: "the rows hold `source_content` and `extracted_insights`",
  });
});

test.each<[string, Json, string]>([
  ["no source", { ...sample, source_content: null }, "incomplete"],
  ["insights that are no list", { ...sample, extracted_insights: { a: "secret" } }, "shape"],
  ["an insight without a text", { ...sample, extracted_insights: [{ category: "secret" }] }, "shape"],
  ["no object", ["secret"], "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(documentExtraction, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
