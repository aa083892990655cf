import { expect, test } from "vitest";
import type { Rating } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { trlUnpaired } from "./trl-unpaired.ts";

const bad: Rating = {
  kind: "rating",
  prompt: [{ role: "user", content: "2+2?" }],
  completion: [{ role: "assistant", content: "5" }],
  label: false,
};
const good: Rating = {
  ...bad,
  completion: [{ role: "assistant", content: "4", weight: 1 }],
  label: true,
  tools: [{ name: "f", description: "", parameters: {} }],
};

const golden =
  '{"prompt":[{"role":"user","content":"2+2?"}],"completion":[{"role":"assistant","content":"5"}],"label":false,"tools":[]}\n' +
  '{"prompt":[{"role":"user","content":"2+2?"}],"completion":[{"role":"assistant","content":"4"}],"label":true,' +
  '"tools":[{"type":"function","function":{"name":"f","description":"","parameters":{}}}]}\n';

test("writes messages and a true boolean, the same keys on every line", () => {
  expect(linesOf(trlUnpaired, [stored(bad), stored(good)])).toBe(golden);
});

test("reading what was written gives the same rating", () => {
  const [first = ""] = golden.split("\n");
  expect(readOne(trlUnpaired, JSON.parse(first))).toEqual(bad);
});

test("reads strings, words of a table, and LLaMA-Factory's messages whose last one is judged", () => {
  expect(readOne(trlUnpaired, { prompt: "2+2?", completion: "5", label: false })).toEqual(bad);
  expect(readOne(trlUnpaired, { prompt: "2+2?", completion: "5", label: "False" }, "csv")).toEqual(bad);
  expect(
    readOne(trlUnpaired, {
      messages: [
        { role: "user", content: "2+2?" },
        { role: "assistant", content: "5" },
      ],
      label: false,
    }),
  ).toEqual(bad);
});

test.each<[string, Json, string]>([
  ["no verdict", { prompt: "secret", completion: "secret" }, "incomplete"],
  ["a verdict that is none", { prompt: "secret", completion: "secret", label: "secret" }, "shape"],
  ["a verdict on a question", { messages: [{ role: "user", content: "secret" }], label: true }, "incomplete"],
  ["no completion", { prompt: "secret", label: true }, "incomplete"],
  ["no object", [], "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(trlUnpaired, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});

test("refuses other kinds and prompts that end with the system", () => {
  const instructed: Rating = { ...bad, prompt: [{ role: "system", content: "a" }] };
  expect(writeAll(trlUnpaired, [stored({ kind: "text", text: "a" }), stored(instructed)])).toEqual([
    { refused: "kind" },
    { refused: "turns" },
  ]);
});
