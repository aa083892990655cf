import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { readOne, refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { documentTraining } from "./document-training.ts";

/** A row with all 24 columns of document 3's table, JSON as text and yes or no as 1 or 0, as SQLite gives it. */
const row = {
  id: "ex_1",
  source: "claude_capture",
  format: "multi_turn",
  input_text: "How do I reverse a list?",
  output_text: "Use list[::-1]...",
  system_prompt: "You are SAM, a helpful AI assistant.",
  context: "User is working on a Python project...",
  rejected_output: null,
  preference_reason: null,
  conversation_history: '[{"role":"user","content":"hi"},{"role":"assistant","content":"Hello!"}]',
  metadata: '{"escalation_reason":"complexity"}',
  domain: "code",
  complexity: 5,
  quality_tier: "bronze",
  quality_score: 0.5,
  created_at: 1767780000.5,
  source_id: "esc_42",
  parent_id: "ex_0",
  validated: 1,
  used_in_training: 1,
  training_run_id: "run_7",
  content_hash: "ab",
  input_hash: "cd",
  updated_at: 1767780001,
};
const described = {
  source: "claude_capture",
  sourceId: "esc_42",
  parentId: "ex_0",
  groupKey: "ex_0",
  domain: "code",
  complexity: 5,
  validated: true,
  createdAt: "2026-01-07T10:00:00.500Z",
};
const metadata = {
  id: "ex_1",
  escalation_reason: "complexity",
  quality_tier: "bronze",
  quality_score: 0.5,
  used_in_training: 1,
  training_run_id: "run_7",
};

test("every column of document 3's table lands in its place", () => {
  expect(Object.keys(row)).toHaveLength(24);
  expect(readOne(documentTraining, row)).toEqual({
    kind: "chat",
    messages: [
      { role: "system", content: "You are SAM, a helpful AI assistant." },
      { role: "user", content: "hi" },
      { role: "assistant", content: "Hello!" },
      { role: "user", content: "How do I reverse a list?" },
      { role: "assistant", content: "Use list[::-1]..." },
    ],
    context: "User is working on a Python project...",
    ...described,
    metadata,
  });
});

test("a `dpo` row is a preference with its reason", () => {
  const dpo = {
    ...row,
    source: "user_correction",
    format: "dpo",
    input_text: "What is 2+2?",
    output_text: "2+2 equals 4.",
    rejected_output: "2+2 equals 5.",
    preference_reason: "Math error in original",
    conversation_history: null,
    system_prompt: null,
  };
  expect(readOne(documentTraining, dpo)).toEqual({
    kind: "preference",
    prompt: [{ role: "user", content: "What is 2+2?" }],
    chosen: [{ role: "assistant", content: "2+2 equals 4." }],
    rejected: [{ role: "assistant", content: "2+2 equals 5." }],
    reason: "Math error in original",
    ...described,
    source: "user_correction",
    metadata: { ...metadata, context: "User is working on a Python project..." },
  });
});

test("what document 3's code gives, with the least there is", () => {
  const made = {
    source: "manual",
    format: "INSTRUCTION",
    input_text: "How do I sort a list?",
    output_text: "Use sorted() or list.sort()...",
    domain: "code",
  };
  expect(readOne(documentTraining, made)).toEqual({
    kind: "chat",
    messages: [
      { role: "user", content: "How do I sort a list?" },
      { role: "assistant", content: "Use sorted() or list.sort()..." },
    ],
    source: "manual",
    domain: "code",
  });
});

test("a completion is one text, joined as document 3's sample is", () => {
  const completion = { format: "completion", input_text: "How do I reverse a list?", output_text: "Use list[::-1]..." };
  expect(readOne(documentTraining, completion)).toMatchObject({
    kind: "text",
    text: "Question: How do I reverse a list?\n\nAnswer: Use list[::-1]...",
  });
  expect(readOne(documentTraining, { ...completion, output_text: "" })).toMatchObject({ text: "How do I reverse a list?" });
});

test("a system message in the history stands for the system prompt, which is then kept", () => {
  const history = [{ role: "system", content: "a" }];
  expect(readOne(documentTraining, { ...row, conversation_history: history })).toMatchObject({
    messages: [{ role: "system", content: "a" }, { role: "user" }, { role: "assistant" }],
    metadata: { system_prompt: "You are SAM, a helpful AI assistant." },
  });
});

test("parent and child stand in one group, whichever is read first", () => {
  const { parent_id: _, source_id: __, ...parent } = { ...row, id: "ex_0" };
  expect(readOne(documentTraining, parent)).toMatchObject({ sourceId: "ex_0", groupKey: "ex_0" });
  expect(readOne(documentTraining, row)).toMatchObject({ sourceId: "esc_42", groupKey: "ex_0" });
});

test("what a field cannot hold is kept in the metadata", () => {
  const odd = { ...row, complexity: 11, validated: "perhaps", created_at: "yesterday" };
  const read = readOne(documentTraining, odd);
  expect(read).toMatchObject({ metadata: { complexity: 11, validated: "perhaps", created_at: "yesterday" } });
  expect(read).not.toHaveProperty("complexity");
});

test("is recognised by its columns", () => {
  expect(detectFormat({ rows: [row], fileKind: "jsonl" })).toEqual({
    format: documentTraining,
    reason: "the rows hold `format`, `input_text` and `output_text`",
  });
});

test.each<[string, Json, string]>([
  ["another format", { ...row, format: "secret" }, "shape"],
  ["no answer", { ...row, output_text: null }, "incomplete"],
  ["a preference without the other answer", { ...row, format: "dpo" }, "incomplete"],
  ["a broken history", { ...row, conversation_history: "secret" }, "shape"],
  ["no object", 1, "shape"],
])("refuses %s without showing content", (_, broken, code) => {
  const { refused, reason } = refusalOf(documentTraining, broken);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
