import { expect, test } from "vitest";
import type { FileKindName } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import { isTilthError } from "../errors.ts";
import { exampleToJson } from "../schema/example.ts";
import { linesOf, stored } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { json } from "./json.ts";
import { formats } from "./list.ts";

function detected(rows: readonly Json[], fileKind: FileKindName = "jsonl"): string {
  const { format, reason } = detectFormat({ rows, fileKind });
  return `${format.name}: ${reason}`;
}

const messages = [
  { role: "user", content: "a" },
  { role: "assistant", content: "b" },
];
const text = stored({ kind: "text", text: "gm" });

test.each<[string, Json, FileKindName, string]>([
  ["gsm8k", { question: "a", answer: "b" }, "jsonl", "prompt-response: the rows hold `question` and `answer`"],
  ["banking77", { text: "a", category: "b" }, "csv", "csv: the rows hold `text` and `category`: texts with their intent"],
  ["banking77 as JSON", { text: "a", category: "b" }, "json", "json: the rows hold `text` and `category`: texts with their intent"],
  ["gpteacher", { instruction: "a", input: "", response: "b" }, "json", "alpaca: the rows hold `instruction`, `input` and `response`"],
  ["alpaca", { instruction: "a", input: "", output: "b" }, "json", "alpaca: the rows hold `instruction`, `input` and `output`"],
  [
    "alpaca's own set, with the whole text",
    { instruction: "a", input: "", output: "b", text: "c" },
    "json",
    "alpaca: the rows hold `instruction`, `input` and `output`",
  ],
  ["tweets", { created_at: "10/16/17", text: "a", url: "b" }, "csv", "csv: the rows hold `text`: texts, their other columns as metadata"],
  [
    "document 2's classic rows",
    { text: "a", expected_intent: "b" },
    "csv",
    "csv: the rows hold `text` and `expected_intent`: texts with their intent",
  ],
  ["messages", { messages }, "jsonl", "openai-chat: the rows hold `messages`, a list of objects with a role"],
  [
    "messages in a table",
    { messages: JSON.stringify(messages) },
    "csv",
    "openai-chat: the rows hold `messages`, a list of objects with a role",
  ],
  [
    "pairs of strings",
    { prompt: "a", chosen: "b", rejected: "c" },
    "csv",
    "trl-preference: the rows hold `prompt`, `chosen` and `rejected`",
  ],
  [
    "pairs of messages",
    { prompt: messages, chosen: messages, rejected: messages },
    "jsonl",
    "trl-preference: the rows hold `prompt`, `chosen` and `rejected`",
  ],
  [
    "pairs with the prompt in front",
    { chosen: messages, rejected: messages },
    "jsonl",
    "trl-preference: the rows hold `chosen` and `rejected`, both with the prompt in front",
  ],
  [
    "whole examples",
    exampleToJson(text),
    "jsonl",
    "tilth: the rows hold `kind` with all members of that kind, and nothing that is not an example's",
  ],
  [
    "new examples",
    { kind: "text", text: "a" },
    "json",
    "tilth: the rows hold `kind` with all members of that kind, and nothing that is not an example's",
  ],
  ["our flat rows", JSON.parse(linesOf(json, [text])), "json", "json: the rows hold `kind` and the columns of that kind"],
  ["our table", { kind: "text", text: "a" }, "csv", "csv: the rows hold `kind` and the columns of that kind"],
  [
    "our Parquet",
    { kind: "text", text: "a", quality_tier: "gold" },
    "parquet",
    "parquet: the rows hold `kind` and the columns of that kind",
  ],
  [
    "our chats in Parquet, which hold messages",
    { kind: "chat", input: "a", output: "b", messages },
    "parquet",
    "parquet: the rows hold `kind` and the columns of that kind",
  ],
  ["messages in Parquet", { messages }, "parquet", "openai-chat: the rows hold `messages`, a list of objects with a role"],
  ["texts in a table of tabs", { text: "a", url: "b" }, "tsv", "csv: the rows hold `text`: texts, their other columns as metadata"],
  [
    "a verdict on messages",
    { messages, label: false },
    "json",
    "trl-unpaired: the rows hold `messages` and `label`, which is true or false",
  ],
  [
    "a verdict on a completion",
    { prompt: "a", completion: "b", label: "True" },
    "csv",
    "trl-unpaired: the rows hold `prompt`, `completion` and `label`, which is true or false",
  ],
  [
    "a prompt with a completion",
    { prompt: "a", completion: messages },
    "jsonl",
    "trl-prompt-completion: the rows hold `prompt` and `completion`",
  ],
  ["a text alone", { text: "a" }, "jsonl", "trl-text: the rows hold `text` alone"],
  [
    "turns of from and value",
    { id: "a", conversations: [{ from: "human", value: "a" }] },
    "json",
    "sharegpt: the rows hold `conversations`, a list of turns",
  ],
  [
    "turns with two answers",
    { conversations: messages, chosen: "a", rejected: "b" },
    "json",
    "llama-factory: the rows hold `conversations`, `chosen` and `rejected`",
  ],
  [
    "two numbered answers",
    { input: "a", output_1: "b", output_2: "c", label: 1 },
    "json",
    "gold-choice: the rows hold `output_1`, `output_2` and `label`, which names the better one",
  ],
  [
    "FastChat's questions",
    { question_id: 1, category: "math", turns: ["a"] },
    "jsonl",
    "mt-bench: the rows hold `question_id` and `turns`, as FastChat's benchmarks do",
  ],
  [
    "questions alone, to refuse each as incomplete",
    { question: "a" },
    "jsonl",
    "prompt-response: the rows hold `question` and nothing to go with it",
  ],
  [
    "answers alone, to refuse each as incomplete",
    { id: 1, answer: "a" },
    "jsonl",
    "prompt-response: the rows hold `answer` and nothing to go with it",
  ],
])("recognises %s", (_, row, fileKind, expected) => {
  expect(detected([row, row], fileKind)).toBe(expected);
});

test("is not misled by a few broken rows", () => {
  expect(detected([{ question: "a", answer: "b" }, null, { question: "a", answer: "b" }])).toContain("prompt-response");
});

test.each<[string, Json]>([
  ["two answers without a choice", { prompt: "a", answer1: "b", answer2: "c" }],
  ["questions whose answers stand under names of their own", { question: "a", ground_truth: "b", ["6b"]: { solution: "c" } }],
])("claims nothing it would read wrongly: %s", (_, row) => {
  expect(() => detected([row])).toThrow("No format recognises these rows");
});

test("says which keys it found, never what they hold, and what to do", () => {
  expect(() => detected([{ colour: "secret", ["k".repeat(60)]: 1 }])).toThrow(
    `No format recognises these rows. Their keys are: colour, ${"k".repeat(40)}…. Name one with --format NAME ` +
      `(${formats.map(({ name }) => name).join(", ")}), or say what the columns mean with --map FIELD=COLUMN.`,
  );
  expect(() => detected(["secret"])).toThrow("Their keys are: none (the rows are no objects).");
  expect(() => detected([])).toThrow("Their keys are: none (the rows are no objects).");
});

test("names both where two formats fit equally well", () => {
  // UltraFeedback holds both: the pair, and the chosen conversation once more.
  const row = { prompt: "a", chosen: messages, rejected: messages, messages };
  try {
    detected([row]);
    expect.unreachable();
  } catch (error) {
    expect(isTilthError(error) && error.code).toBe("format/ambiguous");
    expect(String(error)).toContain("openai-chat and as trl-preference");
  }
});
