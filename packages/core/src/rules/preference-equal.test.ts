import { expect, test } from "vitest";
import type { Message } from "../schema/content.ts";
import { preferenceEqual } from "./preference-equal.ts";

function isEqual(chosen: readonly Message[], rejected: readonly Message[]): boolean {
  return (
    preferenceEqual.check({ kind: "preference", prompt: [{ role: "user", content: "x?" }], chosen, rejected }, { thresholds: {} }).length >
    0
  );
}
const answer = (content: string, more: object = {}): readonly Message[] => [{ role: "assistant", content, ...more }];

test("white space and the composition of accents make no difference", () => {
  expect(isEqual(answer("Paris,  France\n"), answer("Paris, France"))).toBe(true);
  expect(isEqual(answer("caf\u00e9"), answer("cafe\u0301"))).toBe(true);
});

test("a sign, a letter's case or a word does", () => {
  expect(isEqual(answer("x = 5"), answer("x = -5"))).toBe(false);
  expect(isEqual(answer("Paris"), answer("paris"))).toBe(false);
  expect(isEqual(answer("Paris"), answer("Lyon"))).toBe(false);
});

test("calls of tools are compared by name and arguments, not by their ids", () => {
  const call = (id: string, city: string) => ({ toolCalls: [{ id, name: "weather", arguments: { city } }] });
  expect(isEqual(answer("", call("1", "Paris")), answer("", call("2", "Paris")))).toBe(true);
  expect(isEqual(answer("", call("1", "Paris")), answer("", call("1", "Lyon")))).toBe(false);
});
