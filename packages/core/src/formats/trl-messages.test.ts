import { expect, test } from "vitest";
import type { Chat } from "../schema/content.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { trlMessages } from "./trl-messages.ts";

const called: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "Cancel order 7." },
    { role: "assistant", content: "", toolCalls: [{ id: "call_1", name: "cancel_order", arguments: { id: 7 } }] },
    { role: "tool", content: '{"ok":true}', toolCallId: "call_1", name: "cancel_order" },
    { role: "assistant", content: "Order 7 is cancelled. ✅" },
  ],
  tools: [{ name: "cancel_order", description: "Cancel an order", parameters: { type: "object" } }],
};
const plain: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "2+2?" },
    { role: "assistant", content: "4" },
  ],
};

const golden =
  '{"messages":[{"role":"user","content":"Cancel order 7."},' +
  '{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"cancel_order","arguments":{"id":7}}}]},' +
  '{"role":"tool","content":"{\\"ok\\":true}","tool_call_id":"call_1","name":"cancel_order"},{"role":"assistant","content":"Order 7 is cancelled. ✅"}],' +
  '"tools":[{"type":"function","function":{"name":"cancel_order","description":"Cancel an order","parameters":{"type":"object"}}}]}\n' +
  '{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}],"tools":[]}\n';

test("writes arguments as objects, no null content, and the same keys on every line", () => {
  expect(linesOf(trlMessages, [stored(called), stored(plain)])).toBe(golden);
  expect(linesOf(trlMessages, [stored(plain)])).not.toContain("tools");
});

test("reading what was written gives the same chats", () => {
  const rows = golden.trimEnd().split("\n");
  expect(rows.map((row) => readOne(trlMessages, JSON.parse(row)))).toEqual([called, plain]);
});

test("names what TRL's rows of messages cannot say", () => {
  const chat: Chat = {
    ...called,
    messages: [{ role: "user", content: "a" }, { role: "assistant", content: "b", weight: 0, reasoning: "r" }, ...called.messages],
    context: "c",
    parallelToolCalls: false,
  };
  expect(writeAll(trlMessages, [stored(chat)])).toMatchObject([{ losses: ["weight", "reasoning", "context", "parallelToolCalls"] }]);
});

test("writes integers beyond 2^53 as text, since readers hold them as floats", () => {
  const large: Chat = {
    ...called,
    messages: [
      { role: "user", content: "a" },
      {
        role: "assistant",
        content: "",
        toolCalls: [{ id: "a", name: "f", arguments: { id: 2 ** 60, list: [1, -(2 ** 54)], ratio: 1e-300 } }],
      },
    ],
    tools: [{ name: "f", description: "", parameters: { maximum: 1e21, minimum: 2 ** 53 - 1 } }],
  };
  const line = linesOf(trlMessages, [stored(large)]);
  expect(line).toContain('"arguments":{"id":"1152921504606846976","list":[1,"-18014398509481984"],"ratio":1e-300}');
  expect(line).toContain('"parameters":{"maximum":"1000000000000000000000","minimum":9007199254740991}');
});

test("refuses what a chat template cannot render", () => {
  const broken: Chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "", toolCalls: [{ id: "a", name: "f", arguments: {}, argumentsText: "x" }] },
    ],
  };
  const open: Chat = { kind: "chat", messages: [{ role: "user", content: "a" }], reference: { answer: "b" } };
  expect(writeAll(trlMessages, [stored(broken), stored(open), stored({ kind: "text", text: "a" })])).toEqual([
    { refused: "tool-arguments" },
    { refused: "turns" },
    { refused: "kind" },
  ]);
  expect(refusalOf(trlMessages, { messages: [{ role: "user", content: "secret" }] })).toMatchObject({ refused: "incomplete" });
});
