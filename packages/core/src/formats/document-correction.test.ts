import { expect, test } from "vitest";
import { newExampleSchema } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { signalSchema } from "../schema/signal.ts";
import { refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { documentCorrection } from "./document-correction.ts";
import type { Reading } from "./format.ts";

/** Document 4, "Correction Example (High Value)". */
const sample = {
  id: "correction_20250115_001",
  timestamp: "2025-01-15T15:45:00Z",
  source: "user_correction",
  original_prompt: "What's TPO seam overlap requirement?",
  original_response: "TPO seams require 2 inch minimum overlap.",
  corrected_response: "TPO seams require minimum 2.5 inch overlap per most manufacturers (Carlisle, Firestone, GAF).",
  correction_reason: "Original was incomplete - missing manufacturer variation and weld width",
  corrector: "armand",
  quality: { learning_value: "very_high", domain_relevance: "high" },
  tags: ["tpo", "seams", "membrane", "manufacturer-specs"],
  include_in_training: true,
};

function read(row: Json): Exclude<Reading, { readonly refused: string }> {
  const reading = documentCorrection.read?.(row, { fileKind: "jsonl" });
  if (reading === undefined || "refused" in reading) throw new Error("was not read");
  return reading;
}

const prompt = [{ role: "user", content: sample.original_prompt }];
const right = [{ role: "assistant", content: sample.corrected_response }];
const wrong = [{ role: "assistant", content: sample.original_response }];

test("every field of document 4's correction lands in four examples that share a group", () => {
  const described = {
    groupKey: "correction_20250115_001",
    source: "user_correction",
    sourceKind: "correction",
    createdAt: "2025-01-15T15:45:00.000Z",
    wasCorrected: true,
    correctionReason: sample.correction_reason,
    corrector: "armand",
    learningValue: "very-high",
    relevance: "high",
    tags: sample.tags,
    includeInTraining: true,
  };
  const { examples, sourceIdIsIdentity } = read(sample);
  expect(examples).toEqual([
    { kind: "chat", messages: [...prompt, ...right], ...described, sourceId: "correction_20250115_001#chat" },
    {
      kind: "preference",
      prompt,
      chosen: right,
      rejected: wrong,
      reason: sample.correction_reason,
      ...described,
      sourceId: "correction_20250115_001#preference",
    },
    { kind: "rating", prompt, completion: right, label: true, ...described, sourceId: "correction_20250115_001#rating-true" },
    { kind: "rating", prompt, completion: wrong, label: false, ...described, sourceId: "correction_20250115_001#rating-false" },
  ]);
  expect(sourceIdIsIdentity).toBe(true);
  for (const example of examples) expect(newExampleSchema.safeParse(example).success).toBe(true);
});

test("and in one signal, the same however often it is read, that does not name the corrector", () => {
  const { signals = [] } = read(sample);
  expect(signals).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{26}$/),
      kind: "correction",
      at: "2025-01-15T15:45:00.000Z",
      text: sample.corrected_response,
      reason: sample.correction_reason,
      actor: expect.stringMatching(/^[0-9a-f]{26}$/),
      payload: { groupKey: "correction_20250115_001" },
    },
  ]);
  expect(read({ ...sample }).signals).toEqual(signals);
  expect(read({ ...sample, corrector: "other" }).signals?.[0]?.id).not.toBe(signals[0]?.id);
  for (const signal of signals) expect(signalSchema.safeParse(signal).success).toBe(true);
});

test("a correction without an id is grouped by what it says", () => {
  const { id: _, ...nameless } = sample;
  const groups = read(nameless).examples.map(({ groupKey }) => groupKey);
  expect(new Set(groups).size).toBe(1);
  expect(groups[0]).toMatch(/^[0-9a-f]{26}$/);
  expect(read(nameless).examples.some(({ sourceId }) => sourceId !== undefined)).toBe(false);
});

test("a correction of a known answer points to it", () => {
  const { examples, signals } = read({ ...sample, parent_id: "01JD0000000000000000000001" });
  expect(examples.map(({ parentId }) => parentId)).toEqual(Array(4).fill("01JD0000000000000000000001"));
  expect(signals).toMatchObject([{ target: { exampleId: "01JD0000000000000000000001" } }]);
});

test("a correction without a time gives its examples, but no signal", () => {
  const { timestamp: _, ...timeless } = sample;
  expect(read(timeless).examples).toHaveLength(4);
  expect(read(timeless).signals).toEqual([]);
});

test("is recognised by its names", () => {
  expect(detectFormat({ rows: [sample], fileKind: "jsonl" })).toEqual({
    format: documentCorrection,
    reason: "the rows hold `original_prompt`, `original_response` and `corrected_response`",
  });
});

test.each<[string, Json, string]>([
  ["no corrected answer", { ...sample, original_prompt: "secret", corrected_response: null }, "incomplete"],
  ["an answer that is a list", { ...sample, original_response: ["secret"] }, "shape"],
  ["no object", "secret", "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(documentCorrection, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
