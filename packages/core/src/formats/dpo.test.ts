import { expect, test } from "vitest";
import type { Preference } from "../schema/content.ts";
import { linesOf, readOne, stored, writeAll } from "./contract.ts";
import { dpo } from "./dpo.ts";
import { trlPreference } from "./trl-preference.ts";

const pair: Preference = {
  kind: "preference",
  prompt: [{ role: "user", content: "What is the capital of France?" }],
  chosen: [{ role: "assistant", content: "The capital of France is Paris." }],
  rejected: [{ role: "assistant", content: "The capital of France is Lyon." }],
  reason: "Paris is correct, Lyon is not the capital.",
};
const { reason: _, ...plain } = pair;

const golden =
  '{"prompt":"What is the capital of France?","chosen":"The capital of France is Paris.","rejected":"The capital of France is Lyon.",' +
  '"reason":"Paris is correct, Lyon is not the capital."}\n';

test("writes document 3's row of strings", () => {
  expect(linesOf(dpo, [stored(pair)])).toBe(golden);
  expect(linesOf(dpo, [stored(plain)])).not.toContain("reason");
});

test("reading what was written gives the same pairs, a reason that is only filled in being none", () => {
  const rows = linesOf(dpo, [stored(pair), stored(plain)])
    .trimEnd()
    .split("\n");
  for (const format of [dpo, trlPreference]) expect(rows.map((row) => readOne(format, JSON.parse(row)))).toEqual([pair, plain]);
});

test("a system prompt and a margin are losses; several turns, tools and other kinds are refused", () => {
  const instructed: Preference = { ...pair, prompt: [{ role: "system", content: "s" }, ...pair.prompt], margin: 1 };
  const long: Preference = { ...pair, prompt: [...pair.prompt, ...pair.chosen, ...pair.prompt] };
  const tools: Preference = { ...pair, tools: [{ name: "f", description: "", parameters: {} }] };
  expect(writeAll(dpo, [stored(instructed), stored(long), stored(tools), stored({ kind: "text", text: "a" })])).toMatchObject([
    { losses: ["system", "margin"] },
    { refused: "turns" },
    { refused: "tools" },
    { refused: "kind" },
  ]);
});
