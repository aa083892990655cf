import { expect, test } from "vitest";
import type { Chat } from "../schema/content.ts";
import { linesOf, readOne, stored, writeAll } from "./contract.ts";
import { multiTurn } from "./multi-turn.ts";
import { openaiChat } from "./openai-chat.ts";

const short: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ],
};
const told: Chat = { ...short, context: "User is working on a Python project..." };
const long: Chat = { ...short, messages: [...short.messages, ...short.messages] };

const golden =
  '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"context":"User is working on a Python project..."}\n' +
  '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"context":""}\n';

test("writes document 3's messages with their context", () => {
  expect(linesOf(multiTurn, [stored(told), stored(long)])).toBe(golden);
});

test("reading what was written gives the same chats, under either name", () => {
  const rows = golden.trimEnd().split("\n");
  for (const format of [multiTurn, openaiChat]) expect(rows.map((row) => readOne(format, JSON.parse(row)))).toEqual([told, long]);
});

test("refuses one exchange without a context, which is another of document 3's rows, and other kinds", () => {
  expect(writeAll(multiTurn, [stored(short), stored({ kind: "text", text: "a" })])).toEqual([{ refused: "turns" }, { refused: "kind" }]);
});

test("names what the rows cannot hold", () => {
  const masked: Chat = {
    ...told,
    messages: [...short.messages, { role: "user", content: "c" }, { role: "assistant", content: "d", weight: 0 }],
  };
  expect(writeAll(multiTurn, [stored(masked)])).toMatchObject([{ losses: ["weight"] }]);
});
