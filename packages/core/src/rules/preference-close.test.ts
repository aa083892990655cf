import { expect, test } from "vitest";
import { preferenceClose } from "./preference-close.ts";

function messages(chosen: string, rejected: string): readonly string[] {
  const example = {
    kind: "preference",
    prompt: [{ role: "user", content: "x?" }],
    chosen: [{ role: "assistant", content: chosen }],
    rejected: [{ role: "assistant", content: rejected }],
  } as const;
  return preferenceClose.check(example, { thresholds: preferenceClose.defaults ?? {} }).map(({ message }) => message);
}
const long = Array.from({ length: 60 }, (_, index) => `word${index}`).join(" ");

test("flags answers that share nearly all their words in order", () => {
  expect(messages(`${long} end`, `${long} and`)).toEqual(["chosen and rejected share 96 % of their three-word sequences"]);
  expect(messages("The capital of France is Paris.", "The capital of France is Lyon.")).toEqual([]);
});

test("flags answers of very different length", () => {
  expect(messages("x".repeat(51), "y".repeat(10))).toEqual(["one answer is 5.1 times as long as the other"]);
  expect(messages("y".repeat(10), "x".repeat(50))).toEqual([]);
});

test("leaves equal and missing answers to their own rules", () => {
  expect(messages("same", "same ")).toEqual([]);
  expect(messages("", "something")).toEqual([]);
});
