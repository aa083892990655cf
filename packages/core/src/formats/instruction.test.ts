import { expect, test } from "vitest";
import type { Chat } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { instruction } from "./instruction.ts";

const chat: Chat = {
  kind: "chat",
  messages: [
    { role: "system", content: "You are SAM, a helpful AI assistant." },
    { role: "user", content: "How do I reverse a list in Python?" },
    { role: "assistant", content: "You can reverse a list using list[::-1]." },
  ],
};
const golden =
  '{"instruction":"You are SAM, a helpful AI assistant.","input":"How do I reverse a list in Python?","output":"You can reverse a list using list[::-1]."}\n';

test("the instruction is the system prompt, both ways", () => {
  expect(linesOf(instruction, [stored(chat)])).toBe(golden);
  expect(readOne(instruction, JSON.parse(golden))).toEqual(chat);
});

test("a chat without a system prompt has an empty instruction, both ways", () => {
  const plain: Chat = { ...chat, messages: chat.messages.slice(1) };
  const line = linesOf(instruction, [stored(plain)]);
  expect(line).toContain('{"instruction":"","input":"How');
  expect(readOne(instruction, JSON.parse(line))).toEqual(plain);
});

test("refuses several turns, tools and other kinds, and rows without question or answer", () => {
  const long: Chat = { ...chat, messages: [...chat.messages, ...chat.messages.slice(1)] };
  expect(writeAll(instruction, [stored(long), stored({ ...chat, tools: [] }), stored({ kind: "text", text: "a" })])).toEqual([
    { refused: "turns" },
    { refused: "tools" },
    { refused: "kind" },
  ]);
  expect(refusalOf(instruction, { instruction: "secret", output: "secret" })).toEqual({
    refused: "incomplete",
    reason: "there is no `input`",
  });
  expect(refusalOf(instruction, { input: "secret" })).toEqual({ refused: "incomplete", reason: "there is no `output`" });
});

function detected(rows: readonly Json[]): string {
  return detectFormat({ rows, fileKind: "jsonl" }).format.name;
}

function rows(count: number, instructions: (row: number) => string): readonly Json[] {
  return Array.from({ length: count }, (_, row) => ({ instruction: instructions(row), input: `question ${row}`, output: "a" }));
}

test("is recognised where one instruction stands in at least 80 % of the rows and at least 5 have an input", () => {
  expect(detected(rows(5, () => "You are SAM."))).toBe("instruction");
  expect(detected(rows(10, (row) => (row < 8 ? "You are SAM." : `task ${row}`)))).toBe("instruction");
  expect(detected(rows(10, (row) => (row < 7 ? "You are SAM." : `task ${row}`)))).toBe("alpaca");
  expect(detected(rows(4, () => "You are SAM."))).toBe("alpaca");
  expect(detected(rows(9, () => "You are SAM.").map((row) => ({ ...Object(row), input: "" })))).toBe("alpaca");
});

test("says why", () => {
  expect(detectFormat({ rows: rows(6, () => "You are SAM."), fileKind: "jsonl" }).reason).toBe(
    "one `instruction` stands in 100 % of the rows, as a system prompt does",
  );
});
