import { expect, test } from "vitest";
import type { Chat } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { alpaca } from "./alpaca.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";

const chat: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "Add.\n2 and 2" },
    { role: "assistant", content: "4" },
  ],
};

test("reads the task and its material as the user's words, the answer under both names", () => {
  expect(readOne(alpaca, { instruction: "Add.", input: "2 and 2", output: "4" })).toEqual(chat);
  expect(readOne(alpaca, { instruction: "Add.\n2 and 2", input: "", response: "4" })).toEqual(chat);
  expect(readOne(alpaca, { instruction: "Add.\n2 and 2", input: null, output: 4 })).toEqual(chat);
});

test("reads system prompt and history as earlier messages", () => {
  const row = { instruction: "b", output: "c", system: "s", history: [["q", "a"]], id: "seed_1", note: 1 };
  expect(readOne(alpaca, row)).toEqual({
    kind: "chat",
    messages: [
      { role: "system", content: "s" },
      { role: "user", content: "q" },
      { role: "assistant", content: "a" },
      { role: "user", content: "b" },
      { role: "assistant", content: "c" },
    ],
    sourceId: "seed_1",
    metadata: { note: 1 },
  });
});

test("reads an empty answer: a rule refuses it by its name", () => {
  expect(readOne(alpaca, { instruction: "a", input: "", output: "" })).toMatchObject({ messages: [{ content: "a" }, { content: "" }] });
});

test.each<[string, Json, string]>([
  ["no answer", { instruction: "secret", input: "" }, "incomplete"],
  ["no task", { input: "secret", output: "secret" }, "incomplete"],
  ["an answer that is no text", { instruction: "secret", output: { a: "secret" } }, "shape"],
  ["a broken history", { instruction: "secret", output: "a", history: [["secret"]] }, "shape"],
  ["no object", [1], "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(alpaca, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});

test("writes single exchanges, with a system prompt on every line where one needs it", () => {
  const instructed: Chat = { ...chat, messages: [{ role: "system", content: "Count." }, ...chat.messages] };
  expect(linesOf(alpaca, [stored(chat)])).toBe('{"instruction":"Add.\\n2 and 2","input":"","output":"4"}\n');
  expect(linesOf(alpaca, [stored(chat), stored(instructed)])).toBe(
    '{"instruction":"Add.\\n2 and 2","input":"","output":"4","system":""}\n{"instruction":"Add.\\n2 and 2","input":"","output":"4","system":"Count."}\n',
  );
});

test("refuses several turns, tools and other kinds", () => {
  const long: Chat = { ...chat, messages: [...chat.messages, ...chat.messages] };
  const tools: Chat = { ...chat, tools: [{ name: "f", description: "", parameters: {} }] };
  expect(writeAll(alpaca, [stored(long), stored(tools), stored({ kind: "text", text: "a" })])).toEqual([
    { refused: "turns" },
    { refused: "tools" },
    { refused: "kind" },
  ]);
});
