import { expect, test } from "vitest";
import { detectFormat } from "../../packages/core/src/formats/detect.ts";
import type { FileKindName } from "../../packages/core/src/schema/file-kind.ts";
import type { Json } from "../../packages/core/src/schema/json.ts";

/** What a file of this one row is recognised as, and what it becomes. */
function imported(row: Json, fileKind: FileKindName = "jsonl"): readonly [string, Json] {
  const { format } = detectFormat({ rows: [row], fileKind });
  return [format.name, JSON.parse(JSON.stringify(format.read?.(row, { fileKind })))];
}

const question = { role: "user", content: "How do I reverse a list?" };
const answer = { role: "assistant", content: "Use list[::-1]..." };

test("document 3: CHAT rows", () => {
  const messages = [{ role: "system", content: "You are SAM..." }, question, answer];
  expect(imported({ messages })).toEqual(["openai-chat", { examples: [{ kind: "chat", messages }] }]);
});

test("document 3: DPO rows with their reason", () => {
  const row = {
    prompt: "What is the capital of France?",
    chosen: "The capital of France is Paris.",
    rejected: "The capital of France is Lyon.",
    reason: "Paris is correct, Lyon is not the capital.",
  };
  expect(imported(row)).toEqual([
    expect.any(String),
    {
      examples: [
        {
          kind: "preference",
          prompt: [{ role: "user", content: row.prompt }],
          chosen: [{ role: "assistant", content: row.chosen }],
          rejected: [{ role: "assistant", content: row.rejected }],
          reason: row.reason,
        },
      ],
    },
  ]);
});

test("document 3: COMPLETION rows", () => {
  const text = "Question: How do I reverse a list?\n\nAnswer: Use list[::-1]...";
  expect(imported({ text })).toEqual([expect.any(String), { examples: [{ kind: "text", text }] }]);
});

test("document 3: MULTI_TURN rows with their context", () => {
  const context = "User is working on a Python project...";
  expect(imported({ messages: [question, answer], context })).toEqual([
    expect.any(String),
    { examples: [{ kind: "chat", messages: [question, answer], context }] },
  ]);
});

test("document 4: rows for Modal, with their system prompt", () => {
  const row = { prompt: question.content, response: answer.content, system: "You are an expert roofing and waterproofing assistant." };
  expect(imported(row)).toEqual([
    "prompt-response",
    { examples: [{ kind: "chat", messages: [{ role: "system", content: row.system }, question, answer] }] },
  ]);
});

test("document 4: knowledge of a project", () => {
  const row = { prompt: question.content, response: answer.content, tags: ["lessons-learned", "drains"] };
  expect(imported(row)).toEqual(["prompt-response", { examples: [{ kind: "chat", messages: [question, answer], tags: row.tags }] }]);
});

test("document 2: a table of texts with their intent", () => {
  expect(imported({ text: "Cancel my order", expected_intent: "cancel_order", confidence: "0.9" }, "csv")).toEqual([
    "csv",
    { examples: [{ kind: "classification", text: "Cancel my order", labels: { intent: "cancel_order" }, entities: [], confidence: 0.9 }] },
  ]);
});
