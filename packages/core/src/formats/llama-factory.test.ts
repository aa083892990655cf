import { expect, test } from "vitest";
import { isTilthError } from "../errors.ts";
import type { Preference, Rating } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { llamaFactory } from "./llama-factory.ts";

const asked = { role: "user", content: "2+2?" } as const;
const four = { role: "assistant", content: "4" } as const;
const five = { role: "assistant", content: "5" } as const;
const pair: Preference = { kind: "preference", prompt: [asked], chosen: [four], rejected: [five] };
const instructed: Preference = { ...pair, prompt: [{ role: "system", content: "Count." }, asked] };
const rating: Rating = { kind: "rating", prompt: [asked], completion: [five], label: false };

test("writes pairs, verdicts, conversations and texts, each shape in a file of its own", () => {
  expect(linesOf(llamaFactory, [stored(pair), stored(instructed)])).toBe(
    '{"conversations":[{"from":"human","value":"2+2?"}],"chosen":{"from":"gpt","value":"4"},"rejected":{"from":"gpt","value":"5"},"system":""}\n' +
      '{"conversations":[{"from":"human","value":"2+2?"}],"chosen":{"from":"gpt","value":"4"},"rejected":{"from":"gpt","value":"5"},"system":"Count."}\n',
  );
  expect(linesOf(llamaFactory, [stored(rating)])).toBe(
    '{"conversations":[{"from":"human","value":"2+2?"},{"from":"gpt","value":"5"}],"kto_tag":false}\n',
  );
  expect(linesOf(llamaFactory, [stored({ kind: "chat", messages: [asked, four] })])).toBe(
    '{"conversations":[{"from":"human","value":"2+2?"},{"from":"gpt","value":"4"}]}\n',
  );
  expect(linesOf(llamaFactory, [stored({ kind: "text", text: "gm" })])).toBe('{"text":"gm"}\n');
});

test.each([pair, instructed, rating])("reading what was written gives the same $kind", (content) => {
  expect(readOne(llamaFactory, JSON.parse(linesOf(llamaFactory, [stored(content)])))).toEqual(content);
});

test("refuses rows of another shape than the first one gave", () => {
  const write = llamaFactory.write?.bind(llamaFactory);
  const needs = new Set(llamaFactory.needs?.(stored(pair), {}));
  expect(write?.(stored(pair), { split: "train", needs, settings: {} })).toHaveProperty("rows");
  for (const other of [rating, { kind: "text", text: "a" } as const])
    expect(write?.(stored(other), { split: "train", needs, settings: {} })).toEqual({ refused: "mixture" });
});

test("refuses answers of more than one message and prompts that do not alternate", () => {
  const long: Preference = { ...pair, chosen: [four, four] };
  const twice: Preference = { ...pair, prompt: [asked, asked] };
  expect(writeAll(llamaFactory, [stored(long), stored(twice)])).toEqual([{ refused: "turns" }, { refused: "turns" }]);
  expect(writeAll(llamaFactory, [stored({ ...pair, reason: "r", margin: 1 })])).toMatchObject([{ losses: ["reason", "margin"] }]);
});

test("reads the pairs of the v1 engine, whose sides share all but the last message", () => {
  const part = (value: string): Json => [{ type: "text", value }];
  const side = (answer: string): Json => [
    { role: "system", content: part("Count."), loss_weight: 0 },
    { role: "user", content: part("2+2?"), loss_weight: 0 },
    { role: "assistant", content: part(answer), loss_weight: 1 },
  ];
  expect(readOne(llamaFactory, { chosen_messages: side("4"), rejected_messages: side("5") })).toEqual({
    ...instructed,
    chosen: [{ ...four, weight: 1 }],
    rejected: [{ ...five, weight: 1 }],
  });
});

test("reads Alpaca's task before two answers, and with a verdict", () => {
  const task = { instruction: "Add.", input: "2 and 2", system: "Count.", history: [["q", "a"]] };
  const before = [
    { role: "system", content: "Count." },
    { role: "user", content: "q" },
    { role: "assistant", content: "a" },
    { role: "user", content: "Add.\n2 and 2" },
  ];
  expect(readOne(llamaFactory, { ...task, chosen: "4", rejected: "5" })).toEqual({ ...pair, prompt: before });
  expect(readOne(llamaFactory, { ...task, output: "5", kto_tag: false })).toEqual({ ...rating, prompt: before });
});

test.each<[string, Json, string]>([
  [
    "conversations with two answers",
    { conversations: [{ from: "human", value: "a" }], chosen: { from: "gpt", value: "b" }, rejected: { from: "gpt", value: "c" } },
    "`conversations`, `chosen` and `rejected`",
  ],
  [
    "conversations with a verdict",
    {
      conversations: [
        { from: "human", value: "a" },
        { from: "gpt", value: "b" },
      ],
      kto_tag: true,
    },
    "`conversations` and `kto_tag`",
  ],
  [
    "a task with a verdict, which Alpaca would train on",
    { instruction: "a", input: "", output: "b", kto_tag: false },
    "`instruction` and `kto_tag`",
  ],
  ["pairs of v1", { chosen_messages: [asked, four], rejected_messages: [asked, five] }, "`chosen_messages` and `rejected_messages`"],
])("recognises %s", (_, row, columns) => {
  const { format, reason } = detectFormat({ rows: [row, row], fileKind: "json" });
  expect([format.name, reason]).toEqual(["llama-factory", `the rows hold ${columns}`]);
});

test("says what its dataset_info.json is instead of reading it", () => {
  const configuration = { identity: { file_name: "identity.json" }, wiki: { hf_hub_url: "a/b", columns: { prompt: "text" } } };
  try {
    detectFormat({ rows: [configuration], fileKind: "json" });
    expect.unreachable();
  } catch (error) {
    expect(isTilthError(error) && error.code).toBe("format/configuration");
    expect(String(error)).toContain(
      "This is LLaMA-Factory's dataset_info.json: it says what the columns of other files mean and holds no examples.",
    );
  }
  expect(refusalOf(llamaFactory, configuration)).toMatchObject({ refused: "configuration" });
});

test.each<[string, Json, string]>([
  ["one answer", { conversations: [{ from: "human", value: "secret" }], chosen: { from: "gpt", value: "secret" } }, "incomplete"],
  ["a side that ends with the user", { chosen_messages: [asked], rejected_messages: [asked, five] }, "incomplete"],
  ["no prompt", { conversations: [{ from: "system", value: "secret" }], chosen: "a", rejected: "b" }, "incomplete"],
  ["a verdict that is none", { conversations: [{ from: "human", value: "secret" }], kto_tag: "secret" }, "shape"],
  ["a verdict on a question", { conversations: [{ from: "human", value: "secret" }], kto_tag: true }, "incomplete"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(llamaFactory, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
