import { describe, expect, test } from "vitest";
import type { NewExample } from "../schema/example.ts";
import { emptyText } from "./empty-text.ts";

const places = (example: NewExample) => emptyText.check(example, { thresholds: {} }).map(({ at }) => at);
const user = { role: "user", content: "Why?" } as const;
const assistant = { role: "assistant", content: "Because." } as const;
const call = { id: "1", name: "search", arguments: {} };

test("an example is refused, not stored, for it", () => {
  expect(emptyText.rejects).toBe(true);
});

describe("chat", () => {
  test("finds input and output without words", () => {
    expect(places({ kind: "chat", messages: [{ ...user, content: " \n" }, assistant] })).toEqual(["/messages/0/content"]);
    expect(places({ kind: "chat", messages: [user, { ...assistant, content: "..." }] })).toEqual(["/messages/1/content"]);
  });

  test("takes an emoji, a number or a character of any script for a word", () => {
    for (const content of ["🎀", "42", "你", "é"])
      expect(places({ kind: "chat", messages: [user, { ...assistant, content }] })).toEqual([]);
  });

  test("a turn of tool calls needs no words, nor does the result of a tool or a system prompt", () => {
    const messages = [
      { role: "system", content: "" } as const,
      user,
      { ...assistant, content: "", toolCalls: [call] },
      { role: "tool", content: "[]", toolCallId: "1" } as const,
      assistant,
    ];
    expect(places({ kind: "chat", messages })).toEqual([]);
  });

  test("finds a question without an answer, unless a reference is the answer", () => {
    expect(places({ kind: "chat", messages: [user] })).toEqual(["/messages"]);
    expect(places({ kind: "chat", messages: [user], reference: { answer: "4" } })).toEqual([]);
  });

  test("finds an answer that nobody asked for", () => {
    expect(places({ kind: "chat", messages: [assistant] })).toEqual(["/messages"]);
  });
});

test("a preference needs a prompt; its answers are another rule's", () => {
  expect(places({ kind: "preference", prompt: [{ ...user, content: "" }], chosen: [], rejected: [assistant] })).toEqual([
    "/prompt/0/content",
  ]);
});

test("a rating needs prompt and completion", () => {
  expect(places({ kind: "rating", prompt: [user], completion: [], label: true })).toEqual(["/completion"]);
  expect(places({ kind: "rating", prompt: [user], completion: [{ ...assistant, content: "" }], label: true })).toEqual([
    "/completion/0/content",
  ]);
  expect(places({ kind: "rating", prompt: [user], completion: [assistant], label: false })).toEqual([]);
});

test("a text and a classification need their text", () => {
  expect(places({ kind: "text", text: "" })).toEqual(["/text"]);
  expect(places({ kind: "classification", text: "?!", labels: { intent: "ask" }, entities: [] })).toEqual(["/text"]);
});

test("an extraction may find nothing, but not nothing with a category", () => {
  expect(places({ kind: "extraction", document: { content: "An article." }, items: [] })).toEqual([]);
  expect(places({ kind: "extraction", document: { content: "" }, items: [{ id: "1", text: "", category: "trend" }] })).toEqual([
    "/document/content",
    "/items/0/text",
  ]);
});

test("steps need a prompt and at least one step with words", () => {
  expect(places({ kind: "steps", prompt: "2 + 2?", steps: [] })).toEqual(["/steps"]);
  expect(places({ kind: "steps", prompt: "2 + 2?", steps: [{ text: " ", correct: true }] })).toEqual(["/steps/0/text"]);
});
