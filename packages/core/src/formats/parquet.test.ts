import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exportExamples } from "../dataset/export.ts";
import type { ExportOptions, ExportReport } from "../dataset/export.ts";
import { detectFileKind } from "../files/detect.ts";
import { parquet as parquetFile } from "../files/parquet.ts";
import { fileSource } from "../files/source.ts";
import { readEverything } from "../files/test-sources.ts";
import type { Content } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { readOne, stored } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { parquet } from "./parquet.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-parquet-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const user = { role: "user", content: "2+2?" } as const;
const four = { role: "assistant", content: "4 ✅" } as const;
const tools = [{ name: "f", description: "F", parameters: { type: "object" } }];
const called = { role: "assistant", content: "", toolCalls: [{ id: "x", name: "f", arguments: { a: [1, null] } }] } as const;

const every: readonly Content[] = [
  {
    kind: "chat",
    messages: [
      { role: "system", content: "s" },
      user,
      { ...called, weight: 0 },
      { role: "tool", content: "r", toolCallId: "x", name: "f" },
      { ...four, reasoning: "r" },
    ],
    tools,
    context: "c",
    parallelToolCalls: false,
  },
  { kind: "chat", messages: [user], reference: { answer: "4" } },
  {
    kind: "chat",
    messages: [user, { role: "assistant", content: "", toolCalls: [{ id: "x", name: "f", arguments: {}, argumentsText: "x" }] }],
  },
  { kind: "preference", prompt: [user], chosen: [called], rejected: [four, user, four], reason: "r", margin: 0.5, tools },
  { kind: "rating", prompt: [user], completion: [four, four], label: false, tools },
  { kind: "text", text: "gm" },
  {
    kind: "classification",
    text: "Cancel Acme",
    labels: { intent: "cancel", sentiment: "negative", persona: "owner", categories: ["a", "b"] },
    entities: [{ label: "ORG", start: 7, end: 11, surface: "Acme" }],
  },
  {
    kind: "extraction",
    document: { url: "https://example.com", title: "t", content: "Profits rose." },
    items: [{ id: "a", text: "rose", category: "news" }],
  },
  { kind: "steps", prompt: "9.8 or 9.11?", steps: [{ text: "so 9.8", correct: true }] },
];

function exported(examples: readonly Example[], options: ExportOptions = {}): Promise<ExportReport> {
  return exportExamples({
    examples: async function* () {
      yield examples;
    },
    format: parquet,
    fileKind: parquetFile,
    split: {},
    folder,
    about: { dataset: "support", version: "1.0" },
    options,
  });
}

async function rows(): Promise<readonly Json[]> {
  const { kind, source } = await detectFileKind(await fileSource(join(folder, "all.parquet")));
  return (await readEverything(kind, source)).values;
}

test("every kind comes back whole from a real file, with its id and common columns", async () => {
  const told = { type: "gm", topic: "t", domain: "code", tags: ["a", "b"], weight: 0.5, metadata: { note: 1, deep: { list: [1, null] } } };
  const report = await exported(every.map((content) => stored(content, told)));
  expect(report).toMatchObject({ written: every.length, refusals: {}, losses: {} });
  const read = (await rows()).map((row) => readOne(parquet, row, "parquet"));
  expect(read).toEqual(
    every.map((content) => ({
      ...content,
      ...told,
      id: "01JD0000000000000000000001",
      source: "test",
      createdAt: "2026-01-02T03:04:05.000Z",
    })),
  );
});

test("recognises its own files and says why", async () => {
  await exported(every.map((content) => stored(content)));
  const { format, reason } = detectFormat({ rows: await rows(), fileKind: "parquet" });
  expect([format.name, reason]).toEqual(["parquet", "the rows hold `kind` and the columns of that kind"]);
});

test("the same examples give the same bytes", async () => {
  const examples = every.map((content) => stored(content));
  const [once, again] = [await exported(examples), await exported(examples)];
  expect(once.files[0]?.sha256).toBe(again.files[0]?.sha256);
});

test("leaves out columns that no row fills, and has their types where none of the first rows do", async () => {
  await exported([stored({ kind: "text", text: "gm" })]);
  expect(Object.keys(Object((await rows())[0]))).toEqual(["id", "kind", "source", "domain", "text", "quality_tier", "created_at"]);
  await exported([stored({ kind: "text", text: "gm" })], { allColumns: true });
  expect(Object.keys(Object((await rows())[0]))).toHaveLength(35);
});

test("writes document 2's columns, entities as tuples", async () => {
  await exported([stored(every[6] ?? { kind: "text", text: "" }, { confidence: 0.9 })], { classic: true });
  expect((await rows())[0]).toMatchObject({ text: "Cancel Acme", expected_entities: [["Acme", "ORG", 7, 11]], confidence: 0.9 });
});

test("parts that are no text are the one loss", async () => {
  expect(await exported([stored({ kind: "chat", messages: [{ ...user, parts: [{ type: "image" }] }, four] })])).toMatchObject({
    losses: { parts: 1 },
  });
});
