import { expect, test } from "vitest";
import { promptEcho } from "./prompt-echo.ts";

const found = (prompt: string, reply: string) =>
  promptEcho.check(
    {
      kind: "chat",
      messages: [
        { role: "user", content: prompt },
        { role: "assistant", content: reply },
      ],
    },
    { thresholds: promptEcho.defaults ?? {} },
  );
const question = "What is the minimum base flashing height above the roof surface";

test("flags a reply that is the prompt again", () => {
  expect(found(`${question}?`, `${question}!`)).toEqual([
    { message: "the reply shares 100 % of its words with the prompt", at: "/messages/1/content" },
  ]);
  expect(found(question, `Well: ${question}`)).toHaveLength(1);
});

test("an answer that takes up the words of the question and goes on is none", () => {
  expect(found(question, `${question} is eight inches, says the code of your county`)).toEqual([]);
  expect(found(question, `${question} `.repeat(30) + "is eight inches by the code of this county")).toEqual([]);
});

test("fewer than five words are too few to tell", () => {
  expect(found("Say hello to me", "Say hello to me")).toEqual([]);
});

test("who asks for the same text in another form gets it", () => {
  expect(found("Fix the typos: he go to the school every day", "Fix the typos: he goes to the school every day")).toEqual([]);
});
