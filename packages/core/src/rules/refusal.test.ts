import { expect, test } from "vitest";
import { refusal } from "./refusal.ts";

const isRefusal = (content: string): boolean =>
  refusal.check(
    {
      kind: "chat",
      messages: [
        { role: "user", content: "?" },
        { role: "assistant", content },
      ],
    },
    { thresholds: {} },
  ).length > 0;

test.each([
  "I'm sorry, but I can't help with that.",
  "I’m sorry, but as an AI language model I cannot do this.",
  "As an AI language model, I don't have feelings.",
  "Sorry, I cannot share that.",
  "I cannot assist with this request.",
  "Unfortunately, I am unable to provide medical advice.",
  "I am unable to provide medical advice.",
])("a refusal: %s", (reply) => {
  expect(isRefusal(reply)).toBe(true);
});

test.each([
  "I'm sorry to hear that. Try a new seal.",
  "I cannot recommend the sauce enough: it is great.",
  "Sure. As an AI engineer you should know the basics.",
  "The system said: I'm sorry, but I can't help with that.",
  "",
])("no refusal: %s", (reply) => {
  expect(isRefusal(reply)).toBe(false);
});
