import { expect, test } from "vitest";
import type { Message } from "../schema/content.ts";
import { preferenceIncomplete } from "./preference-incomplete.ts";

const answer: Message = { role: "assistant", content: "Paris" };

function places(chosen: readonly Message[], rejected: readonly Message[]): readonly string[] {
  const prompt: readonly Message[] = [{ role: "user", content: "Capital of France?" }];
  return preferenceIncomplete.check({ kind: "preference", prompt, chosen, rejected }, { thresholds: {} }).map(({ at }) => at);
}

test("refuses a preference without rejected or without chosen", () => {
  expect(preferenceIncomplete.rejects).toBe(true);
  expect(places([answer], [answer])).toEqual([]);
  expect(places([answer], [])).toEqual(["/rejected"]);
  expect(places([], [answer])).toEqual(["/chosen"]);
});

test("an answer without words is none, unless it calls a tool", () => {
  expect(places([answer], [{ ...answer, content: " " }])).toEqual(["/rejected"]);
  expect(places([answer], [{ ...answer, content: "", toolCalls: [{ id: "1", name: "search", arguments: {} }] }])).toEqual([]);
  expect(places([answer], [{ role: "user", content: "Lyon" }])).toEqual(["/rejected"]);
});
