import fc from "fast-check";
import { expect, test } from "vitest";
import type { Content, Message } from "../schema/content.ts";
import { arbitraryContent } from "../schema/example.arbitrary.ts";
import { contentToColumns } from "../schema/row-content.ts";
import { words } from "../text/words.ts";
import { comparisonGroup, comparisonText, comparisonTextOfRow, promptText, promptTextOfRow } from "./comparison-text.ts";

const user = (content: string): Message => ({ role: "user", content });
const assistant = (content: string): Message => ({ role: "assistant", content });

test("an example and its row are compared by the same text, whatever the kind", () => {
  fc.assert(
    fc.property(arbitraryContent(), (content) => {
      const row = contentToColumns(content);
      expect(comparisonTextOfRow(row)).toBe(comparisonText(content));
      expect(promptTextOfRow(row)).toBe(promptText(content));
    }),
    { numRuns: 2_000 },
  );
});

test("what is said counts in its order; system prompts and context do not", () => {
  const content: Content = {
    kind: "chat",
    messages: [{ role: "system", content: "You are helpful." }, user("One?"), assistant("Two."), user("Three?"), assistant("Four.")],
    context: "a project",
  };
  expect(words(comparisonText(content))).toEqual(["one", "two", "three", "four"]);
  expect(promptText(content)).toBe("one?\ntwo.\nthree?");
});

test("a preference is compared by what was chosen and what was rejected", () => {
  const content: Content = { kind: "preference", prompt: [user("Q?")], chosen: [assistant("Good.")], rejected: [assistant("Bad.")] };
  expect(comparisonText(content)).toBe("Q?\nGood.\nBad.");
  expect(comparisonTextOfRow(contentToColumns(content))).toBe("Q?\nGood.\nBad.");
  expect(promptText(content)).toBe("q?");
});

test("calls of tools that differ in their arguments differ", () => {
  const call = (city: string): Content => ({
    kind: "chat",
    messages: [
      user("The weather there?"),
      { role: "assistant", content: "", toolCalls: [{ id: "1", name: "weather", arguments: { city } }] },
    ],
  });
  expect(words(comparisonText(call("Rome")))).toEqual(["the", "weather", "there", "weather", "city", "rome"]);
  expect(comparisonText(call("Rome"))).not.toBe(comparisonText(call("Paris")));
});

test("document 4's prompts are equal whatever their case and the space around them, and different by a comma", () => {
  const ask = (prompt: string): string => promptText({ kind: "chat", messages: [user(prompt), assistant("x")] });
  expect(ask("  Replace the ROOF \n")).toBe(ask("replace the roof"));
  expect(ask("replace, the roof")).not.toBe(ask("replace the roof"));
});

test("verdicts keep apart what says the same words: kinds, ratings, labels", () => {
  const group = (content: Content): string => comparisonGroup(contentToColumns(content));
  const rating = (label: boolean): Content => ({ kind: "rating", prompt: [user("Q")], completion: [assistant("A")], label });
  const intent = (name: string): Content => ({ kind: "classification", text: "Q", labels: { intent: name }, entities: [] });
  const chat: Content = { kind: "chat", messages: [user("Q"), assistant("A")] };
  const all = [chat, rating(true), rating(false), intent("greet"), intent("leave")].map(group);
  expect(new Set(all).size).toBe(5);
  expect(group(intent("greet"))).toBe(all[3]);
});
