import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { readOne, refusalOf } from "./contract.ts";
import { mtBench } from "./mt-bench.ts";

test.each<[string, Json, string]>([
  ["questions without answers", { question_id: 1, turns: ["secret"], reference: ["secret"] }, "incomplete"],
  ["answers without questions", { question_id: 1, choices: [{ index: 0, turns: ["secret"] }] }, "incomplete"],
  ["fewer answers than questions", { question_id: 1, turns: ["secret", "b"], choices: [{ turns: ["c"] }] }, "incomplete"],
  ["neither", { question_id: 1, note: "secret" }, "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(mtBench, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});

test("reads both as a chat where somebody joined them", () => {
  expect(readOne(mtBench, { question_id: 1, category: "math", turns: ["a", "c"], choices: [{ index: 0, turns: ["b", "d"] }] })).toEqual({
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
      { role: "assistant", content: "d" },
    ],
    metadata: { question_id: 1, category: "math" },
  });
});
