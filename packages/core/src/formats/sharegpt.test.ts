import { expect, test } from "vitest";
import type { Chat } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, remarksOn, stored, writeAll } from "./contract.ts";
import { sharegpt } from "./sharegpt.ts";

const plain: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "2+2?" },
    { role: "assistant", content: "4" },
  ],
};
const called: Chat = {
  kind: "chat",
  messages: [
    { role: "system", content: "You are a support agent." },
    { role: "user", content: "Cancel orders 7 and 8." },
    {
      role: "assistant",
      content: "",
      toolCalls: [
        { id: "call_1", name: "cancel_order", arguments: { id: 7 } },
        { id: "call_2", name: "cancel_order", arguments: { id: 8 } },
      ],
    },
    { role: "tool", content: '{"ok":true}', toolCallId: "call_1" },
    { role: "tool", content: '{"ok":false}', toolCallId: "call_2" },
    { role: "assistant", content: "Order 7 is cancelled. ✅" },
  ],
  tools: [{ name: "cancel_order", description: "Cancel an order", parameters: { type: "object" } }],
};

const golden =
  '{"conversations":[{"from":"human","value":"2+2?"},{"from":"gpt","value":"4"}],"system":"","tools":"[]"}\n' +
  '{"conversations":[{"from":"human","value":"Cancel orders 7 and 8."},' +
  '{"from":"function_call","value":"[{\\"name\\":\\"cancel_order\\",\\"arguments\\":{\\"id\\":7}},{\\"name\\":\\"cancel_order\\",\\"arguments\\":{\\"id\\":8}}]"},' +
  '{"from":"observation","value":"{\\"ok\\":true}\\n</tool_response>\\n<tool_response>\\n{\\"ok\\":false}"},' +
  '{"from":"gpt","value":"Order 7 is cancelled. ✅"}],"system":"You are a support agent.",' +
  '"tools":"[{\\"name\\":\\"cancel_order\\",\\"description\\":\\"Cancel an order\\",\\"parameters\\":{\\"type\\":\\"object\\"}}]"}\n';

test("writes turns with calls as JSON text, results of parallel calls in one turn, tools as JSON text", () => {
  expect(linesOf(sharegpt, [stored(plain), stored(called)])).toBe(golden);
  expect(linesOf(sharegpt, [stored(plain)])).toBe(`${golden.slice(0, golden.indexOf(',"system"'))}}\n`);
});

test("reading what was written gives the same chats, what is only filled in being nothing", () => {
  const rows = golden.trimEnd().split("\n");
  expect(rows.map((row) => readOne(sharegpt, JSON.parse(row)))).toEqual([plain, called]);
});

test("maps every word for a role", () => {
  const turns = ["system", "human", "function_call", "observation", "gpt", "user", "chatgpt"].map((from) => ({
    from,
    value: '{"name":"f","arguments":{}}',
  }));
  expect(readOne(sharegpt, { id: "identity_0", conversations: turns.slice(0, 5), model: "m" })).toMatchObject({
    messages: [
      { role: "system" },
      { role: "user" },
      { role: "assistant", toolCalls: [{ name: "f" }] },
      { role: "tool", toolCallId: "call_1" },
      { role: "assistant" },
    ],
    sourceId: "identity_0",
    metadata: { model: "m" },
  });
  expect(refusalOf(sharegpt, { conversations: turns.slice(5) })).toMatchObject({ refused: "shape", reason: "message 2 has no known role" });
});

test("reads turns in a table's cells, and remarks arguments that are no object", () => {
  const row = {
    conversations: JSON.stringify([
      { from: "human", value: "a" },
      { from: "gpt", value: "b" },
    ]),
    tools: "[]",
  };
  expect(readOne(sharegpt, row, "csv")).toEqual({
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ],
  });
  const broken = {
    conversations: [
      { from: "human", value: "a" },
      { from: "function_call", value: '{"name":"f","arguments":"x"}' },
    ],
  };
  expect(remarksOn(sharegpt, broken)).toMatchObject([{ rule: "tool-arguments" }]);
});

test.each<[string, Json, string]>([
  ["a question alone", { conversations: [{ from: "human", value: "secret" }] }, "incomplete"],
  ["an answer alone", { conversations: [{ from: "gpt", value: "secret" }] }, "incomplete"],
  ["no turns", { conversations: [] }, "shape"],
  [
    "turns with a verdict",
    {
      conversations: [
        { from: "human", value: "a" },
        { from: "gpt", value: "secret" },
      ],
      kto_tag: false,
    },
    "shape",
  ],
  [
    "tools that are no list",
    {
      conversations: [
        { from: "human", value: "a" },
        { from: "gpt", value: "b" },
      ],
      tools: "secret",
    },
    "tools",
  ],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(sharegpt, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});

test("refuses what LLaMA-Factory would skip in silence, and arguments that are no object", () => {
  const twice: Chat = { kind: "chat", messages: [{ role: "user", content: "a" }, ...plain.messages] };
  const late: Chat = { kind: "chat", messages: [...plain.messages, { role: "system", content: "s" }, ...plain.messages] };
  const broken: Chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "", toolCalls: [{ id: "a", name: "f", arguments: {}, argumentsText: "x" }] },
    ],
  };
  expect(writeAll(sharegpt, [stored(twice), stored(late), stored(broken), stored({ kind: "text", text: "a" })])).toEqual([
    { refused: "turns" },
    { refused: "turns" },
    { refused: "tool-arguments" },
    { refused: "kind" },
  ]);
});

test("names text beside a call and masks as losses", () => {
  const chat: Chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "Let me look.", weight: 0, toolCalls: [{ id: "a", name: "f", arguments: {} }] },
      { role: "tool", content: "r", toolCallId: "a" },
      { role: "assistant", content: "b", reasoning: "r" },
    ],
  };
  expect(writeAll(sharegpt, [stored(chat)])).toMatchObject([{ losses: ["call-text", "weight", "reasoning"] }]);
});
