import { expect, test } from "vitest";
import type { Preference } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { trlPreference } from "./trl-preference.ts";

const pair: Preference = {
  kind: "preference",
  prompt: [{ role: "user", content: "2+2?" }],
  chosen: [{ role: "assistant", content: "4" }],
  rejected: [{ role: "assistant", content: "5" }],
};
const called: Preference = {
  kind: "preference",
  prompt: [{ role: "user", content: "Cancel order 7." }],
  chosen: [{ role: "assistant", content: "", toolCalls: [{ id: "call_1", name: "cancel_order", arguments: { id: 7 } }] }],
  rejected: [{ role: "assistant", content: "No.", weight: 0 }],
  reason: "unhelpful",
  margin: 0.5,
  tools: [{ name: "cancel_order", description: "", parameters: {} }],
};

const golden =
  '{"prompt":[{"role":"user","content":"2+2?"}],"chosen":[{"role":"assistant","content":"4"}],"rejected":[{"role":"assistant","content":"5"}],"margin":0,"tools":[]}\n' +
  '{"prompt":[{"role":"user","content":"Cancel order 7."}],' +
  '"chosen":[{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"cancel_order","arguments":{"id":7}}}]}],' +
  '"rejected":[{"role":"assistant","content":"No."}],"margin":0.5,"tools":[{"type":"function","function":{"name":"cancel_order","description":"","parameters":{}}}]}\n';

test("writes messages with arguments as objects and no null content, the same keys on every line", () => {
  expect(linesOf(trlPreference, [stored(pair), stored(called)])).toBe(golden);
  expect(linesOf(trlPreference, [stored(pair)])).toBe(`${golden.slice(0, golden.indexOf(',"margin"'))}}\n`);
});

test("names the mask of an answer and the reason as losses", () => {
  expect(writeAll(trlPreference, [stored(pair), stored(called)])).toMatchObject([{ losses: [] }, { losses: ["weight", "reason"] }]);
});

test("reading what was written gives the same pair", () => {
  expect(readOne(trlPreference, JSON.parse(linesOf(trlPreference, [stored(pair)])))).toEqual(pair);
});

test("reads document 3's row of strings with its reason", () => {
  const row = { prompt: "2+2?", chosen: "4", rejected: "5", reason: "arithmetic", margin: 0.3, system: "Count.", split: "a" };
  expect(readOne(trlPreference, row)).toEqual({
    ...pair,
    prompt: [
      { role: "system", content: "Count." },
      { role: "user", content: "2+2?" },
    ],
    reason: "arithmetic",
    margin: 0.3,
    metadata: { split: "a" },
  });
});

test("takes the prompt from where both answers begin with it, as messages or as text", () => {
  const asked = { role: "user", content: "2+2?" };
  const chosen = [asked, { role: "assistant", content: "4" }];
  const rejected = [asked, { role: "assistant", content: "5" }];
  expect(readOne(trlPreference, { chosen, rejected })).toEqual(pair);
  expect(readOne(trlPreference, { prompt: "2+2?", chosen, rejected })).toEqual(pair);
  expect(readOne(trlPreference, { chosen: "2+2? It is 4", rejected: "2+2? That is 5" })).toEqual({
    ...pair,
    chosen: [{ role: "assistant", content: " It is 4" }],
    rejected: [{ role: "assistant", content: " That is 5" }],
  });
});

test("does not cut a character in two where texts part inside it", () => {
  expect(readOne(trlPreference, { chosen: "a😀", rejected: "a😁" })).toMatchObject({
    prompt: [{ content: "a" }],
    chosen: [{ content: "😀" }],
  });
});

test("reads answers that are single messages, and messages in a table's cells", () => {
  expect(readOne(trlPreference, { prompt: "2+2?", chosen: { from: "gpt", value: "4" }, rejected: { from: "gpt", value: "5" } })).toEqual(
    pair,
  );
  const cells = { prompt: "2+2?", chosen: '[{"role":"assistant","content":"4"}]', rejected: "[5]" };
  expect(readOne(trlPreference, cells, "csv")).toEqual({ ...pair, rejected: [{ role: "assistant", content: "[5]" }] });
});

test.each<[string, Json, string]>([
  ["no rejected answer", { prompt: "secret", chosen: "secret" }, "incomplete"],
  ["no chosen answer", { prompt: "secret", rejected: null, chosen: null }, "incomplete"],
  ["no prompt anywhere", { chosen: "secret", rejected: "Secret" }, "incomplete"],
  ["a prompt that only instructs", { prompt: [{ role: "system", content: "secret" }], chosen: "a", rejected: "b" }, "incomplete"],
  ["an answer that is a list of text", { prompt: "secret", chosen: ["secret"], rejected: "b" }, "shape"],
  ["no object", null, "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(trlPreference, row);
  expect(refused).toBe(code);
  expect(reason).not.toMatch(/secret/i);
});

test("refuses what TRL cannot take: other kinds, prompts that end with the system, arguments that are no object", () => {
  const broken: Preference = {
    ...called,
    chosen: [{ role: "assistant", content: "", toolCalls: [{ id: "a", name: "f", arguments: {}, argumentsText: "x" }] }],
  };
  const instructed: Preference = {
    ...pair,
    prompt: [
      { role: "user", content: "a" },
      { role: "system", content: "b" },
    ],
  };
  expect(
    writeAll(trlPreference, [stored({ kind: "text", text: "a" }), stored(broken), stored(instructed), stored({ ...pair, chosen: [] })]),
  ).toEqual([{ refused: "kind" }, { refused: "tool-arguments" }, { refused: "turns" }, { refused: "turns" }]);
});
