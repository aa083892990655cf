import { expect, test } from "vitest";
import type { NewExample } from "../schema/example.ts";
import type { Message, Role } from "../schema/content.ts";
import { roleOrder } from "./role-order.ts";

const said = (...roles: readonly Role[]): readonly Message[] => roles.map((role) => ({ role, content: "x" }));
const call: Message = { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "search", arguments: {} }] };
const result = (toolCallId?: string): Message => ({ role: "tool", content: "{}", ...(toolCallId === undefined ? {} : { toolCallId }) });
const found = (example: NewExample) => roleOrder.check(example, { thresholds: {} }).map(({ at, message }) => `${at} ${message}`);
const inChat = (...messages: readonly Message[]) => found({ kind: "chat", messages });

test("question and answer in turns are in order, with or without a system prompt", () => {
  expect(inChat(...said("user", "assistant"))).toEqual([]);
  expect(inChat(...said("system", "user", "assistant", "user", "assistant"))).toEqual([]);
  expect(inChat(...said("user", "user", "assistant", "assistant"))).toEqual([]);
});

test("the assistant may not speak first", () => {
  expect(inChat(...said("system", "assistant", "user", "assistant"))).toEqual(["/messages/1 the assistant speaks before any user"]);
});

test("there is at most one system prompt", () => {
  expect(inChat(...said("system", "user", "system", "assistant"))).toEqual(["/messages/2 there is more than one system message"]);
});

test("a tool answers a call that was made before", () => {
  const [user = call] = said("user");
  expect(inChat(user, call, result("c1"), ...said("assistant"))).toEqual([]);
  expect(inChat(user, call, result(), ...said("assistant"))).toEqual([]);
  expect(inChat(user, call, result("c2"))).toEqual(["/messages/2 the result of a tool answers no call"]);
  expect(inChat(user, result("c1"), call)).toEqual(["/messages/1 the result of a tool answers no call"]);
});

test("a preference is two conversations with one beginning", () => {
  const prompt = said("assistant", "user");
  expect(found({ kind: "preference", prompt, chosen: [result("c9")], rejected: said("assistant") })).toEqual([
    "/prompt/0 the assistant speaks before any user",
    "/chosen/0 the result of a tool answers no call",
  ]);
});
