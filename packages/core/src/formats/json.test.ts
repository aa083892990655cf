import { expect, test } from "vitest";
import type { Content } from "../schema/content.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { json } from "./json.ts";

const user = { role: "user", content: "2+2?" } as const;
const four = { role: "assistant", content: "4" } as const;
const five = { role: "assistant", content: "5" } as const;
const acme = { label: "ORG", start: 7, end: 11, surface: "Acme" };

const every: readonly Content[] = [
  { kind: "chat", messages: [user, four] },
  { kind: "preference", prompt: [user], chosen: [four], rejected: [five] },
  { kind: "rating", prompt: [user], completion: [five], label: false },
  { kind: "text", text: "gm" },
  { kind: "classification", text: "Cancel Acme", labels: { intent: "cancel", sentiment: "negative", persona: "owner" }, entities: [acme] },
  { kind: "extraction", document: { content: "Profits rose." }, items: [{ id: "a", text: "rose", category: "news" }] },
  { kind: "steps", prompt: "9.8 or 9.11?", steps: [{ text: "so 9.8", correct: true }] },
];

test.each(every)("reading what was written gives the same $kind, its id and common columns", (content) => {
  const told = { type: "gm", topic: "t", domain: "code", tags: ["a", "b"], weight: 0.5, metadata: { note: 1 } };
  const row: Json = JSON.parse(linesOf(json, [stored(content, told)]));
  expect(readOne(json, row)).toEqual({
    ...content,
    ...told,
    id: "01JD0000000000000000000001",
    source: "test",
    createdAt: "2026-01-02T03:04:05.000Z",
  });
});

test("writes the columns that some row fills, in one order, null where another row does not", () => {
  const rows = [
    stored({ kind: "text", text: "gm" }),
    stored({ kind: "rating", prompt: [user], completion: [five], label: false }, { weight: 0.5, metadata: { a: 1 } }),
  ];
  expect(linesOf(json, rows)).toBe(
    '{"id":"01JD0000000000000000000001","kind":"text","source":"test","domain":"general","text":"gm","input":null,"output":null,"label":null,' +
      '"quality_tier":"unverified","weight":1,"created_at":"2026-01-02T03:04:05.000Z","metadata":{}}\n' +
      '{"id":"01JD0000000000000000000001","kind":"rating","source":"test","domain":"general","text":null,"input":"2+2?","output":"5","label":false,' +
      '"quality_tier":"unverified","weight":0.5,"created_at":"2026-01-02T03:04:05.000Z","metadata":{"a":1}}\n',
  );
});

test("leaves out a weight that is 1 everywhere", () => {
  expect(linesOf(json, [stored({ kind: "text", text: "gm" })])).not.toContain("weight");
});

test("writes document 2's columns with entities as tuples, and reads them again", () => {
  const [classification] = every.filter(({ kind }) => kind === "classification");
  if (classification === undefined) throw new Error("no classification");
  const written = linesOf(json, [stored(classification, { confidence: 0.9 })], { columns: "classic" });
  expect(written).toBe(
    '{"text":"Cancel Acme","expected_intent":"cancel","expected_sentiment":"negative","expected_entities":[["Acme","ORG",7,11]],' +
      '"expected_persona":"owner","confidence":0.9,"source":"test","created_at":"2026-01-02T03:04:05.000Z"}\n',
  );
  expect(readOne(json, JSON.parse(written))).toEqual({
    ...classification,
    confidence: 0.9,
    source: "test",
    createdAt: "2026-01-02T03:04:05.000Z",
  });
});

test("refuses kinds that document 2 does not know", () => {
  const [chat, text] = [every[0], every[3]].map((content) => stored(content ?? { kind: "text", text: "" }, { weight: 2 }));
  if (chat === undefined || text === undefined) throw new Error("no chat");
  expect(writeAll(json, [chat, text], { columns: "classic" })).toMatchObject([{ refused: "kind" }, { losses: ["weight"] }]);
});

test("names what a flat row cannot hold", () => {
  const chat: Content = {
    kind: "chat",
    messages: [
      { role: "system", content: "s" },
      user,
      { ...five, reasoning: "r" },
      { role: "user", content: "No.", parts: [1] },
      { ...four, weight: 0 },
    ],
    tools: [{ name: "f", description: "", parameters: {} }],
    context: "c",
    reference: {},
  };
  const [written] = writeAll(json, [stored(chat)]);
  expect(written).toMatchObject({ losses: ["system", "turns", "tools", "weight", "reasoning", "parts", "context", "reference"] });
  const labels: Content = { kind: "classification", text: "a", labels: { categories: ["x"] }, entities: [] };
  const document: Content = { kind: "extraction", document: { url: "u", content: "c" }, items: [] };
  const pair: Content = { kind: "preference", prompt: [user], chosen: [four], rejected: [five], reason: "r", margin: 1 };
  expect(writeAll(json, [stored(labels), stored(document), stored(pair)])).toMatchObject([
    { losses: ["categories"] },
    { losses: ["document"] },
    { losses: ["reason", "margin"] },
  ]);
});

test("refuses a chat without a question or an answer", () => {
  expect(writeAll(json, [stored({ kind: "chat", messages: [user] }), stored({ kind: "chat", messages: [four] })])).toEqual([
    { refused: "turns" },
    { refused: "turns" },
  ]);
});

test("reads rows without a kind: an exchange, a text with an intent, a text", () => {
  expect(readOne(json, { question: "2+2?", answer: "4" })).toEqual(every[0]);
  for (const column of ["intent", "label", "category"]) {
    expect(readOne(json, { text: "a", [column]: "b" })).toEqual({
      kind: "classification",
      text: "a",
      labels: { intent: "b" },
      entities: [],
    });
  }
  expect(readOne(json, { text: "a", label: 3, category: "c" })).toEqual({
    kind: "classification",
    text: "a",
    labels: { intent: "3" },
    entities: [],
    metadata: { category: "c" },
  });
  expect(readOne(json, { text: "gm", kind: "tweet", likes: 7 })).toEqual({
    kind: "text",
    text: "gm",
    metadata: { kind: "tweet", likes: 7 },
  });
});

test("sets the time only from ISO dates, and keeps every other column as it is", () => {
  const tweet = { text: "gm", created_at: "10/16/17 22:59", retweets: "89916", favorites: "641842", user: "a" };
  const { text, ...rest } = tweet;
  expect(readOne(json, tweet)).toEqual({ kind: "text", text, metadata: rest });
  expect(readOne(json, { text, timestamp: "2017-10-16 22:59:00" })).toEqual({ kind: "text", text, createdAt: "2017-10-16T22:59:00.000Z" });
  expect(readOne(json, { text, created_at: "2017-10-16", timestamp: "2018-01-01" })).toEqual({
    kind: "text",
    text,
    createdAt: "2017-10-16T00:00:00.000Z",
    metadata: { timestamp: "2018-01-01" },
  });
});

test("keeps a column that is called like JavaScript's prototype", () => {
  const row: Json = JSON.parse('{"text":"a","__proto__":{"polluted":true}}');
  const { metadata } = readOne(json, row);
  expect(JSON.stringify(metadata)).toBe('{"__proto__":{"polluted":true}}');
});

test.each<[string, Json, string]>([
  ["a chat without its answer", { kind: "chat", input: "secret" }, "incomplete"],
  ["a rating whose label is neither", { kind: "rating", input: "secret", output: "a", label: "maybe" }, "shape"],
  ["items that are no list", { kind: "extraction", input: "secret", output: "secret" }, "shape"],
  ["steps without a verdict", { kind: "steps", input: "secret", output: '[{"text":"secret"}]' }, "shape"],
  ["entities that are none", { kind: "classification", text: "secret", entities: "secret" }, "shape"],
  ["nothing known", { note: "secret" }, "shape"],
  ["a question alone", { question: "secret" }, "incomplete"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(json, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
