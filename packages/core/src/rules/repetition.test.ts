import { expect, test } from "vitest";
import { repetition } from "./repetition.ts";

const findings = (content: string, maxShare = 0.3) =>
  repetition.check(
    {
      kind: "chat",
      messages: [
        { role: "user", content: "Go on and on and on and on and on and on" },
        { role: "assistant", content },
      ],
    },
    { thresholds: { maxShare } },
  );

test("flags a loop and tells how much of it repeats", () => {
  expect(findings("I am sorry. ".repeat(10))).toEqual([
    { message: "89 % of the three-word sequences repeat earlier ones", at: "/messages/1/content" },
  ]);
});

test("30 % is still fine", () => {
  // Ten 3-grams, the last three known.
  expect(findings("a b c d e f g a b c d e".replace("d e", "x y"))).toEqual([]);
  expect(findings("a b c d e f g h a b c d")).toEqual([]);
  expect(findings("a b c d a b c d")).toHaveLength(1);
});

test("looks at the reply, not at the prompt, and follows the pack", () => {
  expect(findings("One thing only.")).toEqual([]);
  expect(findings("a b c d a b c d", 0.5)).toEqual([]);
});

test("a classification has no reply", () => {
  expect(
    repetition.check({ kind: "classification", text: "no no no no no", labels: {}, entities: [] }, { thresholds: { maxShare: 0.3 } }),
  ).toEqual([]);
});
