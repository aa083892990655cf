import { expect, test } from "vitest";
import { readability } from "./readability.ts";

const messages = (content: string, more: object = {}) =>
  readability
    .check(
      {
        kind: "chat",
        messages: [
          { role: "user", content: "?" },
          { role: "assistant", content },
        ],
        ...more,
      },
      { thresholds: readability.defaults ?? {} },
    )
    .map(({ message }) => message);
const heavy = `${"Institutional considerations notwithstanding, organisational interdependencies necessitate ".repeat(8)}it.`;

test("computes LIX as its author does", () => {
  // 40 words in 2 sentences, 10 of them long: 20 + 25 = 45.
  const text = `${"one two three sevenletters ".repeat(5)}. ${"one two three sevenletters ".repeat(5)}.`;
  const limit = (maxLix: number) =>
    readability.check({ kind: "chat", messages: [{ role: "assistant", content: text }] }, { thresholds: { maxLix, minWords: 30 } });
  expect(limit(45)).toEqual([]);
  expect(limit(44.9)).toMatchObject([{ message: "the reply is hard to read: LIX 45" }]);
});

test("tells of one long sentence of long words", () => {
  // 49 words in one sentence, all but one of them long.
  expect(messages(heavy)).toEqual(["the reply is hard to read: LIX 147"]);
});

test("a list is no long sentence, and a link no long word", () => {
  expect(messages("- a short item of a list\n".repeat(20))).toEqual([]);
  expect(messages(`${"See it at https://example.org/documentation/introduction/installation now. ".repeat(12)}`)).toEqual([]);
});

test("code is not prose", () => {
  expect(messages(`Here:\n\`\`\`python\n${heavy}\n\`\`\`\nDone.`)).toEqual([]);
  expect(messages(heavy, { domain: "code" })).toEqual([]);
});

test("under thirty words nothing is said", () => {
  expect(messages("Organisational interdependencies necessitate institutional considerations.")).toEqual([]);
});
