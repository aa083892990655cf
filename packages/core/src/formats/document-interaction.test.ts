import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { readOne, refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { documentInteraction } from "./document-interaction.ts";

/** Document 4, "Core Training Example". */
const core = {
  id: "train_20250115_001",
  timestamp: "2025-01-15T14:30:00Z",
  source: "chat_interaction",
  prompt: "What's the minimum base flashing height per code?",
  response: "Per IBC and most manufacturer requirements, base flashing must extend minimum 8 inches above the roof surface.",
  metadata: { skill_used: "pm-submittals", tier_handled: "modal", latency_ms: 180, tokens_in: 12, tokens_out: 58 },
  quality: { user_feedback: "positive", was_corrected: false, verified_accurate: true, domain_relevance: "high" },
  tags: ["flashing", "code", "specifications", "base-flashing"],
  project_context: "general",
  include_in_training: true,
};

test("every field of document 4's core example lands in its place", () => {
  expect(readOne(documentInteraction, core)).toEqual({
    kind: "chat",
    messages: [
      { role: "user", content: core.prompt },
      { role: "assistant", content: core.response },
    ],
    sourceId: "train_20250115_001",
    createdAt: "2025-01-15T14:30:00.000Z",
    source: "chat_interaction",
    feedback: "positive",
    wasCorrected: false,
    verifiedAccurate: true,
    relevance: "high",
    tags: ["flashing", "code", "specifications", "base-flashing"],
    project: "general",
    includeInTraining: true,
    metadata: core.metadata,
  });
});

test("every field of document 4's generated document lands in its place", () => {
  const row = {
    id: "doc_20250115_001",
    timestamp: "2025-01-15T16:00:00Z",
    source: "rfi_generation",
    prompt: "Write an RFI about the drain sump depth shown on A-501 being only 2 inches when spec calls for 4 inch minimum",
    response: "RFI #[XXX]\nProject: [Name]\nDate: [Date]",
    document_type: "rfi",
    was_used: true,
    modifications_made: "minor",
    tags: ["rfi", "drains", "specifications", "conflicts"],
    include_in_training: true,
  };
  expect(readOne(documentInteraction, row)).toEqual({
    kind: "chat",
    messages: [
      { role: "user", content: row.prompt },
      { role: "assistant", content: row.response },
    ],
    sourceId: "doc_20250115_001",
    sourceKind: "document",
    createdAt: "2025-01-15T16:00:00.000Z",
    source: "rfi_generation",
    type: "rfi",
    wasUsed: true,
    modificationsMade: "minor",
    tags: row.tags,
    includeInTraining: true,
  });
});

test("reads what the collector writes before anybody judged it", () => {
  const fresh = {
    ...core,
    timestamp: "2025-01-15T14:30:00.123456",
    quality: { user_feedback: null, was_corrected: false, verified_accurate: null, domain_relevance: "low" },
  };
  const read = readOne(documentInteraction, fresh);
  expect(read).toMatchObject({ wasCorrected: false, relevance: "low", createdAt: "2025-01-15T14:30:00.123Z" });
  expect(read).not.toHaveProperty("feedback");
  expect(read).not.toHaveProperty("verifiedAccurate");
});

test("keeps the judgements that no field holds, and a system prompt", () => {
  const odd = { ...core, system: "You are a roofer.", quality: { domain_relevance: "unknown", rater: 3, learning_value: "very_high" } };
  expect(readOne(documentInteraction, odd)).toMatchObject({
    messages: [{ role: "system", content: "You are a roofer." }, { role: "user" }, { role: "assistant" }],
    learningValue: "very-high",
    metadata: { quality: { domain_relevance: "unknown", rater: 3 } },
  });
});

test("a table says the same in cells", () => {
  const cells = {
    ...core,
    metadata: JSON.stringify(core.metadata),
    quality: JSON.stringify(core.quality),
    tags: core.tags.join(";"),
    include_in_training: "True",
  };
  expect(readOne(documentInteraction, cells, "csv")).toEqual(readOne(documentInteraction, core));
});

test("the id names the record for good, so that a changed answer updates it", () => {
  expect(documentInteraction.read?.(core, { fileKind: "jsonl" })).toMatchObject({ sourceIdIsIdentity: true });
  const { id: _, ...nameless } = core;
  expect(documentInteraction.read?.(nameless, { fileKind: "jsonl" })).toMatchObject({ sourceIdIsIdentity: false });
});

test.each<[string, Json, string]>([
  ["the core example", core, "quality"],
  ["a generated document", { prompt: "a", response: "b", document_type: "rfi" }, "document_type"],
  ["what was excluded", { prompt: "a", response: "b", include_in_training: false }, "include_in_training"],
])("recognises %s", (_, row, mark) => {
  const reason = `the rows hold \`prompt\`, \`response\` and \`${mark}\``;
  expect(detectFormat({ rows: [row], fileKind: "jsonl" })).toEqual({ format: documentInteraction, reason });
});

test("leaves a bare prompt with its response to the plainest format", () => {
  expect(detectFormat({ rows: [{ prompt: "a", response: "b", tags: ["specs"] }], fileKind: "jsonl" }).format.name).toBe("prompt-response");
});

test.each<[string, Json, string]>([
  ["no response", { ...core, prompt: "secret", response: null }, "incomplete"],
  ["a response that is an object", { ...core, response: { a: "secret" } }, "shape"],
  ["no object", null, "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(documentInteraction, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
