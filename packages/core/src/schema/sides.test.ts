import { expect, test } from "vitest";
import type { Content } from "./content.ts";
import { promptOf, replyOf, spokenText } from "./sides.ts";

const chat: Content = {
  kind: "chat",
  messages: [
    { role: "system", content: "You know roofs." },
    { role: "user", content: "First?" },
    { role: "assistant", content: "One." },
    { role: "tool", content: "{}", toolCallId: "1" },
    { role: "user", content: "Then?" },
    { role: "assistant", content: "Two." },
  ],
};

test("prompt and reply are the last of user and assistant, and say where they lie", () => {
  expect(promptOf(chat)).toEqual({ text: "Then?", at: "/messages/4/content" });
  expect(replyOf(chat)).toEqual({ text: "Two.", at: "/messages/5/content" });
});

test("what is spoken is prompt, space, response: without system prompt and results of tools", () => {
  expect(spokenText(chat)).toBe("First? One. Then? Two.");
  expect(
    spokenText({
      kind: "chat",
      messages: [
        { role: "user", content: "" },
        { role: "assistant", content: "x" },
      ],
    }),
  ).toBe(" x");
});

test("a preference speaks with its chosen answer", () => {
  const preference: Content = {
    kind: "preference",
    prompt: [{ role: "user", content: "2+2?" }],
    chosen: [{ role: "assistant", content: "4" }],
    rejected: [{ role: "assistant", content: "5" }],
  };
  expect(spokenText(preference)).toBe("2+2? 4");
  expect(replyOf(preference)).toEqual({ text: "4", at: "/chosen/0/content" });
});

test("a text is its own reply, a classification its own prompt", () => {
  expect([promptOf({ kind: "text", text: "gm" }), replyOf({ kind: "text", text: "gm" })?.text]).toEqual([undefined, "gm"]);
  const classification: Content = { kind: "classification", text: "hi", labels: {}, entities: [] };
  expect([promptOf(classification)?.text, replyOf(classification)]).toEqual(["hi", undefined]);
});

test("items and steps are replies line by line", () => {
  const extraction: Content = {
    kind: "extraction",
    document: { content: "doc" },
    items: [
      { id: "1", text: "a", category: "c" },
      { id: "2", text: "b", category: "c" },
    ],
  };
  expect([replyOf(extraction)?.text, spokenText(extraction)]).toEqual(["a\nb", "doc a\nb"]);
  expect(replyOf({ kind: "steps", prompt: "p", steps: [] })).toBeUndefined();
});
