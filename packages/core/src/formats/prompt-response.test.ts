import { expect, test } from "vitest";
import type { Chat } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { promptResponse } from "./prompt-response.ts";

const chat: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "2+2?" },
    { role: "assistant", content: "4" },
  ],
};

test.each(["question", "query", "input", "prompt"])("reads %s as what is asked", (question) => {
  for (const answer of ["answer", "response", "output"])
    expect(readOne(promptResponse, { [question]: "2+2?", [answer]: "4" })).toEqual(chat);
});

test("reads the system prompt of document 4's rows; other columns are metadata", () => {
  const row = { prompt: "2+2?", response: 4, system: "Count.", level: 3, timestamp: "2026-01-02" };
  expect(readOne(promptResponse, row)).toEqual({
    kind: "chat",
    messages: [{ role: "system", content: "Count." }, ...chat.messages],
    createdAt: "2026-01-02T00:00:00.000Z",
    metadata: { level: 3 },
  });
});

test("reads an empty answer, but not the empty cell of a table", () => {
  expect(readOne(promptResponse, { question: "a", answer: "" })).toMatchObject({ messages: [{ content: "a" }, { content: "" }] });
  expect(refusalOf(promptResponse, { question: "a", answer: "" }, "csv").refused).toBe("incomplete");
});

test.each<[string, Json, string, string]>([
  ["a question without an answer", { question: "secret" }, "incomplete", "there is `question`, but no answer"],
  ["an answer without its question", { answer: "secret" }, "incomplete", "there is `answer`, but no question"],
  [
    "neither",
    { note: "secret" },
    "shape",
    "the row holds no question (`question`, `query`, `input` and `prompt`) and no answer (`answer`, `response` and `output`)",
  ],
  ["a list for an answer", { question: "secret", answer: ["secret"] }, "shape", "`answer` is no text"],
])("refuses %s", (_, row, refused, reason) => {
  expect(refusalOf(promptResponse, row)).toEqual({ refused, reason });
});

test("writes single exchanges and reads them back", () => {
  expect(linesOf(promptResponse, [stored(chat)])).toBe('{"prompt":"2+2?","response":"4"}\n');
  expect(readOne(promptResponse, JSON.parse(linesOf(promptResponse, [stored(chat)])))).toEqual(chat);
});

test("names losses and refuses what has no two columns", () => {
  const masked: Chat = {
    ...chat,
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "b", weight: 0, reasoning: "c" },
    ],
    context: "d",
  };
  const called: Chat = { ...chat, messages: [...chat.messages, { role: "tool", content: "a" }] };
  expect(writeAll(promptResponse, [stored(masked), stored(called)])).toMatchObject([
    { losses: ["weight", "reasoning", "context"] },
    { refused: "tools" },
  ]);
});
