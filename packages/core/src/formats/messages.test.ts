import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { readMessages, unanswered } from "./messages.ts";
import { createDesk } from "./tool-calls.ts";

function messagesOf(...list: readonly Json[]) {
  return readMessages(list, "/messages", createDesk());
}

test.each([
  ["human", "user"],
  ["user", "user"],
  ["Human", "user"],
  ["prompter", "user"],
  ["gpt", "assistant"],
  ["assistant", "assistant"],
  ["model", "assistant"],
  ["bot", "assistant"],
  ["Chatbot", "assistant"],
  ["ai", "assistant"],
  ["system", "system"],
  ["developer", "system"],
])("hears the role %s as %s", (word, role) => {
  expect(messagesOf({ role: word, content: "a" })).toEqual([{ role, content: "a" }]);
  expect(messagesOf({ from: word, value: "a" })).toEqual([{ role, content: "a" }]);
});

test.each(["tool", "function", "observation", "ipython"])("hears the role %s as a tool that answers the oldest open call", (word) => {
  const calls = { role: "assistant", content: null, tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }] };
  expect(messagesOf(calls, { role: word, content: "1" })).toMatchObject([{}, { role: "tool", content: "1", toolCallId: "a" }]);
});

test("refuses a role it does not know without repeating it", () => {
  expect(messagesOf({ role: "user", content: "a" }, { role: "secret", content: "b" })).toEqual({
    refused: "shape",
    reason: "message 2 has no known role",
  });
});

test("holds content that is null or absent as empty text", () => {
  expect(messagesOf({ role: "assistant", content: null }, { role: "assistant" })).toEqual([
    { role: "assistant", content: "" },
    { role: "assistant", content: "" },
  ]);
});

test("joins text parts by line feeds and keeps all parts where one is no text", () => {
  const image = { type: "image_url", image_url: { url: "https://example.com/a.png" } };
  const text = { type: "text", text: "a" };
  expect(messagesOf({ role: "user", content: [text, { type: "text", value: "b" }] })).toEqual([{ role: "user", content: "a\nb" }]);
  expect(messagesOf({ role: "user", content: [text, image] })).toEqual([{ role: "user", content: "a", parts: [text, image] }]);
});

test("takes thoughts out of the answer, from tags, parts and members", () => {
  const thought = { role: "assistant", content: "4", reasoning: "2 and 2" };
  expect(messagesOf({ role: "assistant", content: "<think>\n2 and 2\n</think>\n\n4" })).toEqual([thought]);
  expect(
    messagesOf({
      role: "assistant",
      content: [
        { type: "reasoning", value: "2 and 2" },
        { type: "text", value: "4" },
      ],
    }),
  ).toEqual([thought]);
  expect(messagesOf({ role: "assistant", content: "4", reasoning_content: "2 and 2" })).toEqual([thought]);
  expect(messagesOf({ role: "assistant", content: "<think>\n\n</think>\n\n4" })).toEqual([{ role: "assistant", content: "4" }]);
});

test("leaves a thought tag alone where it is not closed, or what the user wrote", () => {
  expect(messagesOf({ role: "assistant", content: "<think> a" })).toEqual([{ role: "assistant", content: "<think> a" }]);
  expect(messagesOf({ role: "user", content: "<think>a</think>b" })).toEqual([{ role: "user", content: "<think>a</think>b" }]);
});

test("reads tool calls of OpenAI, old and new, and gives ids in order to those without", () => {
  expect(
    messagesOf(
      { role: "user", content: "both" },
      { role: "assistant", content: null, function_call: { name: "f", arguments: '{"a":1}' } },
      { role: "function", name: "f", content: "1" },
      { role: "assistant", tool_calls: [{ type: "function", function: { name: "g", arguments: { b: 2 } } }] },
      { role: "tool", content: "2" },
    ),
  ).toEqual([
    { role: "user", content: "both" },
    { role: "assistant", content: "", toolCalls: [{ id: "call_1", name: "f", arguments: { a: 1 } }] },
    { role: "tool", name: "f", content: "1", toolCallId: "call_1" },
    { role: "assistant", content: "", toolCalls: [{ id: "call_2", name: "g", arguments: { b: 2 } }] },
    { role: "tool", content: "2", toolCallId: "call_2" },
  ]);
});

test("merges consecutive calls of one turn and matches their results by order", () => {
  expect(
    messagesOf(
      { from: "human", value: "both" },
      { from: "function_call", value: '{"name":"f","arguments":{"a":1}}' },
      { from: "function_call", value: '{"name":"g","arguments":{}}' },
      { from: "observation", value: "1" },
      { from: "observation", value: "2" },
    ),
  ).toEqual([
    { role: "user", content: "both" },
    {
      role: "assistant",
      content: "",
      toolCalls: [
        { id: "call_1", name: "f", arguments: { a: 1 } },
        { id: "call_2", name: "g", arguments: {} },
      ],
    },
    { role: "tool", content: "1", toolCallId: "call_1" },
    { role: "tool", content: "2", toolCallId: "call_2" },
  ]);
});

test("reads the items of OpenAI's Responses and the parts of Anthropic as the same turns", () => {
  const turns = [
    { role: "user", content: "a" },
    { role: "assistant", content: "", toolCalls: [{ id: "x", name: "f", arguments: { a: 1 } }] },
    { role: "tool", content: "1", toolCallId: "x" },
    { role: "assistant", content: "done" },
  ];
  const responses = [
    { role: "user", content: [{ type: "input_text", text: "a" }] },
    { type: "function_call", call_id: "x", name: "f", arguments: '{"a":1}' },
    { type: "function_call_output", call_id: "x", output: "1" },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "done" }] },
  ];
  const anthropic = [
    { role: "user", content: "a" },
    { role: "assistant", content: [{ type: "tool_use", id: "x", name: "f", input: { a: 1 } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "x", content: [{ type: "text", text: "1" }] }] },
    { role: "assistant", content: "done" },
  ];
  expect(messagesOf(...responses)).toEqual(turns);
  expect(messagesOf(...anthropic)).toEqual(turns);
});

test("holds a tool's result that is an object as canonical JSON", () => {
  expect(messagesOf({ role: "tool", content: { b: 1, a: [2] } })).toEqual([{ role: "tool", content: '{"a":[2],"b":1}' }]);
});

test("keeps arguments that are no object as text, and remarks where they stand", () => {
  const desk = createDesk();
  const call = { role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: "{broken" } }] };
  expect(readMessages([{ role: "user", content: "a" }, call], "/messages", desk)).toEqual([
    { role: "user", content: "a" },
    { role: "assistant", content: "", toolCalls: [{ id: "a", name: "f", arguments: {}, argumentsText: "{broken" }] },
  ]);
  expect(desk.remarks).toEqual([
    { rule: "tool-arguments", message: "the arguments of a tool call are no JSON object", at: "/messages/1/toolCalls/0/arguments" },
  ]);
});

test("takes no arguments at all for an empty object, without a remark", () => {
  const desk = createDesk();
  for (const none of ["", null]) {
    const [message] = [
      readMessages([{ role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: none } }] }], "", desk),
    ];
    expect(message).toEqual([{ role: "assistant", content: "", toolCalls: [{ id: "a", name: "f", arguments: {} }] }]);
  }
  expect(desk.remarks).toEqual([]);
});

test("reads loss masks of OpenAI, LLaMA-Factory and Axolotl, of the assistant alone", () => {
  expect(messagesOf({ role: "user", content: "a", loss_weight: 0 }, { role: "assistant", content: "b", weight: 0 })).toEqual([
    { role: "user", content: "a" },
    { role: "assistant", content: "b", weight: 0 },
  ]);
  expect(messagesOf({ role: "assistant", content: "b", loss_weight: 0 })).toMatchObject([{ weight: 0 }]);
  expect(messagesOf({ role: "assistant", content: "b", train: false })).toMatchObject([{ weight: 0 }]);
});

test("keeps members no field holds for the metadata", () => {
  const desk = createDesk();
  readMessages([{ role: "user", content: "a", timestamp: 7, refusal: null, annotations: [] }], "/messages", desk);
  expect(desk.unread).toEqual([["/messages/0", { timestamp: 7 }]]);
});

test("asks for a question and an answer", () => {
  expect(unanswered([{ role: "user", content: "a" }])?.refused).toBe("incomplete");
  expect(
    unanswered([
      { role: "system", content: "s" },
      { role: "assistant", content: "a" },
    ])?.refused,
  ).toBe("incomplete");
  expect(
    unanswered([
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ]),
  ).toBeUndefined();
});
