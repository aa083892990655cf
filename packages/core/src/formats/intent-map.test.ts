import { expect, test } from "vitest";
import { json as jsonFile } from "../files/json.ts";
import { bytesSource, readEverything } from "../files/test-sources.ts";
import type { NewExample } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { intentMap } from "./intent-map.ts";

/** All examples of a JSON file, as an import reads it. */
async function readFile(content: Json): Promise<readonly NewExample[]> {
  const { records, problems } = await readEverything(jsonFile, bytesSource(JSON.stringify(content)));
  expect(problems).toEqual([]);
  return records.flatMap((record) => {
    if ("problem" in record) return [];
    const reading = intentMap.read?.(record.value, { fileKind: "json", ...(record.group === undefined ? {} : { group: record.group }) });
    return reading === undefined || "refused" in reading ? [] : reading.examples;
  });
}

function classified(intent: string, text: string): NewExample {
  return { kind: "classification", text, labels: { intent }, entities: [] };
}

test("a map of intents to texts gives each text its intent", async () => {
  expect(await readFile({ greet: ["hi", "hello [there](friend)"], goodbye: ["bye"] })).toEqual([
    classified("greet", "hi"),
    classified("greet", "hello [there](friend)"),
    classified("goodbye", "bye"),
  ]);
});

test("texts under no label are plain texts", async () => {
  expect(await readFile(["hi", "bye"])).toEqual([
    { kind: "text", text: "hi" },
    { kind: "text", text: "bye" },
  ]);
});

const nlu = [
  { intent: "cancel_order", examples: '- cancel my 😀 [Acme](org) order\n- cancel [two pizzas]{"entity": "item", "value": "pizza"}\n' },
  { intent: "faq/language", examples: ["do you speak [German](language:de)?", { text: "see [this]", metadata: { sentiment: "neutral" } }] },
];
const held = [
  {
    ...classified("cancel_order", "cancel my 😀 Acme order"),
    entities: [{ label: "org", start: 12, end: 16, surface: "Acme" }],
  },
  {
    ...classified("cancel_order", "cancel two pizzas"),
    entities: [{ label: "item", start: 7, end: 17, surface: "two pizzas" }],
    metadata: { "intent-map": { "/entities/0": { value: "pizza" } } },
  },
  {
    ...classified("faq/language", "do you speak German?"),
    entities: [{ label: "language", start: 13, end: 19, surface: "German" }],
    metadata: { "intent-map": { "/entities/0": { value: "de" } } },
  },
  { ...classified("faq/language", "see [this]"), metadata: { sentiment: "neutral" } },
];

test("Rasa's intents as JSON lose their marks and keep what these say", async () => {
  expect(await readFile({ nlu })).toEqual(held);
});

test("also inside a whole file of Rasa's, whose other entries are no examples", async () => {
  expect(await readFile({ version: "3.1", nlu: [...nlu, { synonym: "pizza", examples: "- two pizzas" }] })).toEqual(held);
});

test.each<[string, readonly Json[], "json" | "jsonl", string | undefined]>([
  ["bare texts of one JSON file", ["a", "b"], "json", "the rows are bare texts, the label they stand under is their intent"],
  ["Rasa's entries", [nlu[0] ?? null], "json", "the rows hold `intent` and its `examples`, as Rasa has them"],
  ["Rasa's file", [{ version: "3.1", nlu }], "json", "the rows hold `intent` and its `examples`, as Rasa has them"],
])("recognises %s", (_, rows, fileKind, reason) => {
  expect(detectFormat({ rows, fileKind })).toEqual({ format: intentMap, reason });
});

test("claims no lines of JSON text", () => {
  expect(intentMap.detect?.({ rows: ["a"], fileKind: "jsonl" })).toBeUndefined();
});

test.each<[string, Json, string]>([
  ["an entry without an intent", { synonym: "secret", examples: "- secret" }, "shape"],
  ["examples that are none", { intent: "secret", examples: 7 }, "shape"],
  ["an example without a text", { intent: "secret", examples: [{ text: 7 }] }, "shape"],
  ["an intent without examples", { intent: "secret", examples: "" }, "incomplete"],
  ["a number", 7, "shape"],
])("refuses %s without showing content", (_, value, code) => {
  const { refused, reason } = refusalOf(intentMap, value);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
