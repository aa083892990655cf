import { expect, test } from "vitest";
import type { Chat } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, remarksOn, stored, writeAll } from "./contract.ts";
import { openaiChat } from "./openai-chat.ts";

const tool = {
  name: "cancel_order",
  description: "Cancel an order",
  parameters: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
};
const called: Chat = {
  kind: "chat",
  messages: [
    { role: "system", content: "You are a support agent." },
    { role: "user", content: "Cancel order 7." },
    { role: "assistant", content: "", toolCalls: [{ id: "call_1", name: "cancel_order", arguments: { id: 7 } }] },
    { role: "tool", content: '{"ok":true}', toolCallId: "call_1" },
    { role: "assistant", content: "Order 7 is cancelled. ✅", weight: 1 },
  ],
  tools: [tool],
  parallelToolCalls: false,
};
const plain: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "2+2?" },
    { role: "assistant", content: "5?", weight: 0 },
    { role: "user", content: "No." },
    { role: "assistant", content: "4" },
  ],
};

const golden =
  '{"messages":[{"role":"system","content":"You are a support agent."},{"role":"user","content":"Cancel order 7."},' +
  '{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"cancel_order","arguments":"{\\"id\\":7}"}}]},' +
  '{"role":"tool","content":"{\\"ok\\":true}","tool_call_id":"call_1"},{"role":"assistant","content":"Order 7 is cancelled. ✅","weight":1}],' +
  '"tools":[{"type":"function","function":{"name":"cancel_order","description":"Cancel an order",' +
  '"parameters":{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}}}],"parallel_tool_calls":false}\n' +
  '{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"5?","weight":0},{"role":"user","content":"No."},{"role":"assistant","content":"4"}],' +
  '"tools":[],"parallel_tool_calls":true}\n';

test("writes tool calls with arguments as text, and the same keys on every line", () => {
  expect(linesOf(openaiChat, [stored(called), stored(plain)])).toBe(golden);
});

test("writes no key that no row needs", () => {
  expect(linesOf(openaiChat, [stored(plain)])).not.toContain("tools");
});

test("reading what was written gives the same chat", () => {
  const [first, second] = golden.trimEnd().split("\n");
  expect(readOne(openaiChat, JSON.parse(first ?? ""))).toEqual(called);
  expect(readOne(openaiChat, JSON.parse(second ?? ""))).toEqual(plain);
});

test("reads developers, legacy functions, system columns and context; everything else is metadata", () => {
  const row: Json = {
    id: 12,
    source: "forum",
    system_prompt: "Be brief.",
    messages: [
      { role: "user", content: "a", timestamp: 1 },
      { role: "assistant", content: "b" },
    ],
    functions: [{ name: "f", description: "F", parameters: {}, strict: true }],
    context: "a project",
    created_at: "2024-05-06T07:08:09+02:00",
    lang: "en",
  };
  expect(readOne(openaiChat, row)).toEqual({
    kind: "chat",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ],
    tools: [{ name: "f", description: "F", parameters: {} }],
    context: "a project",
    source: "forum",
    sourceId: "12",
    createdAt: "2024-05-06T05:08:09.000Z",
    metadata: { lang: "en", "openai-chat": { "/messages/0": { timestamp: 1 }, "/tools/0": { strict: true } } },
  });
});

test("reads messages that a table holds as JSON text", () => {
  const cell = '[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]';
  expect(readOne(openaiChat, { messages: cell, tools: "", note: "" }, "csv")).toEqual({
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ],
  });
});

test.each<[string, Json, string]>([
  ["no messages", { text: "secret" }, "shape"],
  ["an empty list", { messages: [] }, "shape"],
  ["a question without an answer", { messages: [{ role: "user", content: "secret" }] }, "incomplete"],
  ["an answer without a question", { messages: [{ role: "assistant", content: "secret" }] }, "incomplete"],
  ["messages that are text", { messages: ["secret"] }, "shape"],
  [
    "a tool without a name",
    {
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
      ],
      tools: [{ type: "secret" }],
    },
    "tools",
  ],
  [
    "a call without a name",
    {
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", tool_calls: [{ id: "secret" }] },
      ],
    },
    "tools",
  ],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(openaiChat, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});

test("remarks arguments that are no object, and writes them back as they were", () => {
  const row = {
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", tool_calls: [{ id: "x", function: { name: "f", arguments: "[1]" } }] },
    ],
  };
  expect(remarksOn(openaiChat, row)).toMatchObject([{ rule: "tool-arguments", at: "/messages/1/toolCalls/0/arguments" }]);
  const chat: Chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "", toolCalls: [{ id: "x", name: "f", arguments: {}, argumentsText: "[1]" }] },
    ],
  };
  expect(readOne(openaiChat, row)).toEqual(chat);
  expect(linesOf(openaiChat, [stored(chat)])).toContain('"arguments":"[1]"');
});

test("names what its rows cannot hold", () => {
  const chat: Chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "a", parts: [{ type: "image_url" }] },
      { role: "assistant", content: "b", reasoning: "c" },
    ],
    context: "d",
  };
  expect(writeAll(openaiChat, [stored(chat)])).toMatchObject([{ losses: ["reasoning", "parts", "context"] }]);
});

test("refuses kinds that are no chat, and chats that do not end with an answer", () => {
  const asked: Chat = { kind: "chat", messages: [{ role: "user", content: "17*2?" }], reference: { answer: "34" } };
  expect(writeAll(openaiChat, [stored({ kind: "text", text: "gm" }), stored(asked)])).toEqual([{ refused: "kind" }, { refused: "turns" }]);
});

test("writes an extraction by its template, and refuses it without one", () => {
  const extraction = stored({
    kind: "extraction",
    document: { title: "T", content: "Profits rose." },
    items: [{ id: "item_1", text: "rose", category: "news" }],
  });
  const options = { split: "train", needs: new Set<string>(), settings: {} };
  expect(openaiChat.write?.(extraction, options)).toEqual({ refused: "kind" });
  expect(openaiChat.write?.(extraction, { ...options, render: { extraction: { instruction: "Find insights." } } })).toEqual({
    rows: [
      {
        messages: [
          { role: "user", content: "Find insights.\n\nProfits rose." },
          { role: "assistant", content: '[{"text":"rose","category":"news"}]' },
        ],
      },
    ],
    losses: ["document"],
  });
});
