import { expect, test } from "vitest";
import type { NewExample } from "../schema/example.ts";
import { tooShort } from "./too-short.ts";

const places = (example: NewExample, thresholds = { min_prompt_length: 10, min_response_length: 50, minTextLength: 3 }) =>
  tooShort.check(example, { thresholds }).map(({ at }) => at);
const user = (content: string) => ({ role: "user", content }) as const;
const assistant = (content: string) => ({ role: "assistant", content }) as const;
const reply = "x".repeat(50);

test("document 4's filter: ten characters of prompt, fifty of response", () => {
  expect(places({ kind: "chat", messages: [user("x".repeat(10)), assistant(reply)] })).toEqual([]);
  expect(places({ kind: "chat", messages: [user("x".repeat(9)), assistant(reply)] })).toEqual(["/messages"]);
  expect(places({ kind: "chat", messages: [user("x".repeat(10)), assistant(reply.slice(1))] })).toEqual(["/messages/1/content"]);
});

test("counts code points", () => {
  expect(places({ kind: "chat", messages: [user("🎀".repeat(9)), assistant("🎀".repeat(49))] })).toEqual([
    "/messages",
    "/messages/1/content",
  ]);
});

test("a short follow-up in a conversation is no short prompt", () => {
  expect(
    places({ kind: "chat", messages: [user("How do I flash a roof drain?"), assistant("So."), user("Why?"), assistant(reply)] }),
  ).toEqual([]);
});

test("an answer that calls a tool has no length", () => {
  expect(
    places({
      kind: "chat",
      messages: [user("x".repeat(10)), { ...assistant(""), toolCalls: [{ id: "1", name: "search", arguments: {} }] }],
    }),
  ).toEqual([]);
});

test("of a preference the chosen answer counts", () => {
  expect(places({ kind: "preference", prompt: [user("What is it?")], chosen: [assistant("4")], rejected: [assistant(reply)] })).toEqual([
    "/chosen/0/content",
  ]);
  expect(places({ kind: "rating", prompt: [user("What is it?")], completion: [assistant("4")], label: false })).toEqual([
    "/completion/0/content",
  ]);
});

test("texts have a length of their own", () => {
  expect(places({ kind: "classification", text: "hi", labels: {}, entities: [] })).toEqual(["/text"]);
  expect(places({ kind: "text", text: "gm!" })).toEqual([]);
});

test("says nothing where no pack asks", () => {
  expect(tooShort.check({ kind: "chat", messages: [user("?"), assistant(".")] }, { thresholds: { ...tooShort.defaults } })).toEqual([]);
});
