import { expect, test } from "vitest";
import { vaguePrompt } from "./vague-prompt.ts";

const roofTerms = (text: string): number => (text.toLowerCase().includes("roof") ? 1 : 0);
function isVague(prompt: string, countTerms?: (text: string) => number): boolean {
  const messages = [
    { role: "user", content: prompt },
    { role: "assistant", content: "x" },
    { role: "user", content: "Why?" },
  ] as const;
  return (
    vaguePrompt.check({ kind: "chat", messages }, { thresholds: { minWords: 4 }, ...(countTerms === undefined ? {} : { countTerms }) })
      .length > 0
  );
}

test("fewer than four different content words are vague", () => {
  expect(isVague("What should I do about it?")).toBe(true);
  expect(isVague("Tell me about flashing, flashing, flashing")).toBe(true);
  expect(isVague("Explain minimum flashing height")).toBe(false);
});

test("one term of the subject is enough", () => {
  expect(isVague("What about the roof?", roofTerms)).toBe(false);
  expect(isVague("What about the wall?", roofTerms)).toBe(true);
});

test("finds the words of a long prompt wherever they are", () => {
  expect(isVague(`${"so ".repeat(200)} minimum base flashing height`)).toBe(false);
  expect(isVague("so ".repeat(200))).toBe(true);
});

test("only the first prompt counts, and classifications have none", () => {
  expect(vaguePrompt.check({ kind: "classification", text: "help", labels: {}, entities: [] }, { thresholds: { minWords: 4 } })).toEqual(
    [],
  );
  expect(isVague("What is the minimum base flashing height?")).toBe(false);
});
