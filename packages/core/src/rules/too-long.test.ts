import { expect, test } from "vitest";
import type { NewExample } from "../schema/example.ts";
import { tooLong } from "./too-long.ts";

const isTooLong = (example: NewExample, maxLength = 32_000): boolean => tooLong.check(example, { thresholds: { maxLength } }).length > 0;
const user = (length: number) => ({ role: "user", content: "x".repeat(length) }) as const;
const assistant = (length: number) => ({ role: "assistant", content: "x".repeat(length) }) as const;

test("refuses more than 32 000 characters in input and output together", () => {
  expect(isTooLong({ kind: "chat", messages: [user(16_000), assistant(16_000)] })).toBe(false);
  expect(isTooLong({ kind: "chat", messages: [user(16_000), assistant(16_001)] })).toBe(true);
  expect(tooLong.defaults).toEqual({ maxLength: 32_000 });
});

test("counts code points", () => {
  expect(isTooLong({ kind: "text", text: "🎀".repeat(32_000) })).toBe(false);
  expect(isTooLong({ kind: "text", text: "🎀".repeat(32_001) })).toBe(true);
});

test("of a preference the longer answer counts, as only one is ever read with the prompt", () => {
  expect(isTooLong({ kind: "preference", prompt: [user(4)], chosen: [assistant(6)], rejected: [assistant(5)] }, 10)).toBe(false);
  expect(isTooLong({ kind: "preference", prompt: [user(4)], chosen: [assistant(6)], rejected: [assistant(7)] }, 10)).toBe(true);
});

test("a pack may allow more, or anything", () => {
  expect(isTooLong({ kind: "text", text: "x".repeat(40_000) }, 50_000)).toBe(false);
  expect(tooLong.check({ kind: "text", text: "x".repeat(40_000) }, { thresholds: { maxLength: null } })).toEqual([]);
});

test("counts items of extractions and steps", () => {
  expect(isTooLong({ kind: "extraction", document: { content: "xxxx" }, items: [{ id: "1", text: "xxxxxxx", category: "a" }] }, 10)).toBe(
    true,
  );
  expect(isTooLong({ kind: "steps", prompt: "xxxx", steps: [{ text: "xxxxxxx", correct: true }] }, 10)).toBe(true);
});
