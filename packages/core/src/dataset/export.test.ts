import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileKinds } from "../files/list.ts";
import { fileSource } from "../files/source.ts";
import { stored } from "../formats/contract.ts";
import { csv } from "../formats/csv.ts";
import type { Format } from "../formats/format.ts";
import { json } from "../formats/json.ts";
import { openaiChat } from "../formats/openai-chat.ts";
import { tilth } from "../formats/tilth.ts";
import type { Content } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { FileKind, FileKindName } from "../schema/file-kind.ts";
import type { ExportOptions, ExportRequest } from "./export.ts";
import { exportExamples } from "./export.ts";
import { readReceipt } from "./receipt.ts";
import { createSplitRule, splitOf } from "./split.ts";

let folder = "";
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "tilth-export-")), "out");
});
afterEach(async () => {
  await rm(join(folder, ".."), { recursive: true, force: true });
});

const tool = { name: "f", description: "F", parameters: {} };

function chat(question: string, extra: object = {}): Content {
  return {
    kind: "chat",
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: "yes" },
    ],
    ...extra,
  };
}

function idOf(n: number): string {
  return `01JD${String(n).padStart(22, "0")}`;
}

/** So many chats with groups of their own. */
function chats(count: number): readonly Example[] {
  return Array.from({ length: count }, (_, n) => stored(chat(`question ${n}`), { id: idOf(n), groupKey: `group ${n}` }));
}

function fileKind(name: FileKindName): FileKind {
  const found = fileKinds.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`no file kind ${name}`);
  return found;
}

function request(
  examples: readonly Example[],
  format: Format,
  options: ExportOptions = {},
  more: Partial<ExportRequest> = {},
): ExportRequest {
  return {
    examples: async function* () {
      for (let from = 0; from < examples.length; from += 7) yield examples.slice(from, from + 7);
    },
    format,
    fileKind: fileKind(format.file),
    split: {},
    folder,
    about: { dataset: "support", version: "1.0", manifest: "b".repeat(64), recipe: "c".repeat(64) },
    options,
    ...more,
  };
}

async function read(name: string): Promise<string> {
  return readFile(join(folder, name), "utf8");
}

async function linesOf(name: string): Promise<readonly string[]> {
  return (await read(name)).split("\n").slice(0, -1);
}

/** Everything in the folder with its bytes. */
async function everything(): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return Object.fromEntries(
    await Promise.all(
      names.map(async (entry) => [
        join(entry.parentPath, entry.name).slice(folder.length + 1),
        await readFile(join(entry.parentPath, entry.name), "utf8"),
      ]),
    ),
  );
}

test("writes a file a split by the group, with ids and receipt beside them", async () => {
  const examples = chats(200);
  const rule = createSplitRule("support", { train: 0.5, validation: 0.25, test: 0.25 });
  const report = await exportExamples(request(examples, openaiChat, {}, { split: { rule } }));
  expect(report.files.map(({ name }) => name)).toEqual(["train.jsonl", "validation.jsonl", "test.jsonl"]);
  expect(report).toMatchObject({ read: 200, written: 200, refused: 0, rows: 200, losses: {}, refusals: {}, empty: [], left: [] });
  for (const file of report.files) {
    const ids = examples.filter(({ groupKey }) => splitOf(groupKey, rule) === file.split).map(({ id }) => id);
    expect(await linesOf(`.tilth-ids/${file.name}.ids`)).toEqual(ids);
    expect(await linesOf(file.name)).toHaveLength(ids.length);
    expect(file).toMatchObject({
      rows: ids.length,
      sha256: createHash("sha256")
        .update(await read(file.name))
        .digest("hex"),
      bytes: Buffer.byteLength(await read(file.name)),
    });
  }
  const receipt = await readReceipt(folder);
  expect(receipt.exports).toMatchObject([
    {
      dataset: "support",
      version: "1.0",
      format: "openai-chat",
      options: { weights: "repeat", seed: "0", splitRule: { salt: "support" } },
    },
  ]);
  expect(receipt.exports[0]?.files).toEqual(report.files);
});

test("gives the same bytes again, receipt included, and leaves nothing else in the folder", async () => {
  const weighted = chats(50).map((example, n) => ({ ...example, weight: n / 10 }));
  const options = { where: "weight > 0", seed: "s" };
  await exportExamples(request(weighted, openaiChat, options));
  const first = await everything();
  await exportExamples(request(weighted, openaiChat, options));
  expect(await everything()).toEqual(first);
  expect(Object.keys(first).toSorted()).toEqual([".tilth-ids/all.jsonl.ids", ".tilth-receipt.json", "all.jsonl"]);
});

test("writes only the splits asked for, and says which are empty", async () => {
  const rule = createSplitRule("support", { train: 1, validation: 0, test: 0 });
  const report = await exportExamples(request(chats(9), tilth, {}, { split: { rule, splits: ["train", "test"] } }));
  expect(report).toMatchObject({ read: 9, files: [{ name: "train.jsonl", rows: 9 }], empty: ["test"] });
  expect(await readdir(folder)).toEqual([".tilth-ids", ".tilth-receipt.json", "train.jsonl"]);
});

test("gives every line the keys that one line needs, also a line in another split", async () => {
  const examples = [stored(chat("a"), { id: idOf(1) }), stored(chat("b", { tools: [tool] }), { id: idOf(2) })];
  await exportExamples(request(examples, openaiChat));
  expect((await linesOf("all.jsonl")).map((line) => Object.keys(JSON.parse(line)))).toEqual([
    ["messages", "tools"],
    ["messages", "tools"],
  ]);
});

test("repeats weights in training files alone, and counts what was drawn out", async () => {
  const rule = createSplitRule("support", { train: 0.5, validation: 0.5, test: 0 });
  const examples = chats(100).map((example, n) => ({ ...example, weight: n % 2 === 0 ? 3 : 0 }));
  const report = await exportExamples(request(examples, openaiChat, {}, { split: { rule } }));
  const inTrain = examples.filter(({ groupKey }) => splitOf(groupKey, rule) === "train");
  const heavy = inTrain.filter(({ weight }) => weight === 3);
  expect(report.sampledOut).toBe(inTrain.length - heavy.length);
  expect(report.files).toMatchObject([
    { name: "train.jsonl", rows: 3 * heavy.length },
    { name: "validation.jsonl", rows: 100 - inTrain.length },
  ]);
  expect((await linesOf(".tilth-ids/train.jsonl.ids")).slice(0, 3)).toEqual([heavy[0]?.id, heavy[0]?.id, heavy[0]?.id]);
  expect(report.read).toBe(report.written + report.refused + report.sampledOut);
});

test.each([
  ["ignore", 3, 0],
  ["refuse", 1, 2],
] as const)("can %s weights instead", async (weights, rows, refused) => {
  const examples = chats(3).map((example, n) => ({ ...example, weight: n }));
  expect(await exportExamples(request(examples, openaiChat, { weights }))).toMatchObject({
    rows,
    refused,
    refusals: refused === 0 ? {} : { weight: refused },
  });
});

test("counts refusals and losses by reason, and lists the refused on request", async () => {
  const examples = [
    stored({ kind: "text", text: "gm" }, { id: idOf(1) }),
    stored(chat("a", { context: "c" }), { id: idOf(2) }),
    stored({ kind: "chat", messages: [{ role: "user", content: "a" }] }, { id: idOf(3) }),
  ];
  const report = await exportExamples(request(examples, openaiChat, { listRefused: true }));
  expect(report).toMatchObject({ read: 3, written: 1, refused: 2, losses: { context: 1 }, refusals: { kind: 1, turns: 1 } });
  expect(await read(".tilth-refused/all.jsonl")).toBe(`{"id":"${idOf(1)}","reason":"kind"}\n{"id":"${idOf(3)}","reason":"turns"}\n`);
  await exportExamples(request(examples.slice(1, 2), openaiChat, { listRefused: true }));
  expect(await readdir(join(folder, ".tilth-refused"))).toEqual([]);
});

test("a dry run says the same and writes nothing", async () => {
  const examples = chats(20);
  const dry = await exportExamples(request(examples, openaiChat, { dryRun: true }));
  await expect(readdir(folder)).rejects.toThrow("ENOENT");
  const real = await exportExamples(request(examples, openaiChat));
  expect({ ...real, dryRun: true, files: real.files.map(({ name, split, rows }) => ({ name, split, rows })) }).toEqual(dry);
});

test("takes the first examples up to the limit", async () => {
  const report = await exportExamples(request(chats(30), tilth, { limit: 10 }));
  expect(report).toMatchObject({ read: 10, rows: 10 });
  expect(await linesOf(".tilth-ids/all.jsonl.ids")).toEqual(Array.from({ length: 10 }, (_, n) => idOf(n)));
});

test("writes document 2's envelope, or the rows bare", async () => {
  const examples = [stored({ kind: "text", text: "gm" })];
  await exportExamples(request(examples, json, { noMetadata: true }));
  const row = {
    id: "01JD0000000000000000000001",
    kind: "text",
    source: "test",
    domain: "general",
    text: "gm",
    quality_tier: "unverified",
    created_at: "2026-01-02T03:04:05.000Z",
  };
  expect(JSON.parse(await read("all.json"))).toEqual({ dataset: "support", version: "1.0", examples: [row] });
  await exportExamples(request(examples, json, { noMetadata: true, bare: true }));
  expect(JSON.parse(await read("all.json"))).toEqual([row]);
});

test("writes a table of the columns that some row fills, nested values as JSON text", async () => {
  const examples = [
    stored(
      { kind: "classification", text: "=1+1", labels: { intent: "sum" }, entities: [{ label: "N", start: 1, end: 2, surface: "1" }] },
      { tags: ["a"], metadata: { b: 1 } },
    ),
    stored({ kind: "text", text: 'say "hi",\nthen go' }, { id: idOf(2), weight: 0.5 }),
  ];
  await exportExamples(request(examples, csv));
  expect(await read("all.csv")).toBe(
    "id,kind,source,domain,text,intent,entities,tags,quality_tier,weight,created_at,metadata\n" +
      '01JD0000000000000000000001,classification,test,general,\'=1+1,sum,"[{""end"":2,""label"":""N"",""start"":1,""surface"":""1""}]","[""a""]",unverified,1,2026-01-02T03:04:05.000Z,"{""b"":1}"\n' +
      `${idOf(2)},text,test,general,"say ""hi"",\nthen go",,,[],unverified,0.5,2026-01-02T03:04:05.000Z,{}\n`,
  );
});

test("a table that was written is read again with ids, weights, entities and metadata", async () => {
  const examples = [
    stored(
      { kind: "classification", text: "a 😀 b", labels: { intent: "sum" }, entities: [{ label: "N", start: 4, end: 5, surface: "b" }] },
      { tags: ["a"], metadata: { b: { c: [1] } } },
    ),
    stored(
      {
        kind: "rating",
        prompt: [{ role: "user", content: "line\r\nbreak" }],
        completion: [{ role: "assistant", content: "007" }],
        label: true,
      },
      { id: idOf(2), weight: 0.5 },
    ),
  ];
  await exportExamples(request(examples, csv));
  const rows = [];
  for await (const batch of fileKind("csv").read(await fileSource(join(folder, "all.csv")), {})) rows.push(...batch.records);
  const told = rows.map((row) => ("value" in row ? csv.read?.(row.value, { fileKind: "csv" }) : row));
  expect(told).toMatchObject([
    {
      examples: [
        {
          id: examples[0]?.id,
          kind: "classification",
          text: "a 😀 b",
          tags: ["a"],
          metadata: { b: { c: [1] } },
          entities: [{ surface: "b" }],
        },
      ],
    },
    {
      examples: [
        { id: idOf(2), kind: "rating", label: true, weight: 0.5, prompt: [{ content: "line\r\nbreak" }], completion: [{ content: "007" }] },
      ],
    },
  ]);
});

test("writes document 2's columns, chosen columns, and all columns", async () => {
  const examples = [stored({ kind: "text", text: "gm" })];
  const headerOf = async (options: ExportOptions) => {
    await exportExamples(request(examples, csv, options));
    return (await linesOf("all.csv"))[0];
  };
  expect(await headerOf({ classic: true })).toBe("text,source,created_at");
  expect(await headerOf({ classic: true, allColumns: true, noMetadata: true })).toBe(
    "text,expected_intent,expected_sentiment,expected_entities,expected_persona,confidence,source,created_at",
  );
  expect(await headerOf({ columns: ["text", "id"] })).toBe("id,text");
});

test.each<[ExportOptions, Format, string]>([
  [{ columns: ["txt"] }, csv, "columns: there is no column txt; did you mean text?"],
  [{ columns: ["text"] }, openaiChat, "columns: the format openai-chat has no columns"],
  [{ noMetadata: true }, tilth, "noMetadata: the format tilth has no columns"],
  [{ classic: true }, openaiChat, "classic: the format openai-chat does not know document 2's columns"],
  [{ weights: "repeat" }, csv, "weights: the format csv carries weights, repeating rows would count them twice"],
])("refuses %j for a format that cannot do it", async (options, format, message) => {
  await expect(exportExamples(request(chats(1), format, options))).rejects.toThrow(message);
});

test("refuses a format that is only read", async () => {
  const readOnly: Format = { name: "logs", title: "", kinds: ["chat"], lossless: false, readers: [], file: "jsonl", weight: "carries" };
  await expect(exportExamples(request(chats(1), readOnly))).rejects.toMatchObject({ code: "format/not-written" });
});

test("leaves the folder as it was when writing fails half-way", async () => {
  await exportExamples(request(chats(3), tilth));
  const before = await everything();
  const broken: FileKind = {
    ...fileKind("jsonl"),
    async *write(rows) {
      let count = 0;
      for await (const row of rows) {
        if (++count > 20) throw new Error("the disk is full");
        yield Buffer.from(`${JSON.stringify(row)}\n`);
      }
    },
  };
  await expect(exportExamples(request(chats(100), tilth, {}, { fileKind: broken }))).rejects.toThrow("the disk is full");
  expect(await everything()).toEqual(before);
  expect(await readdir(folder)).toEqual([".tilth-ids", ".tilth-receipt.json", "all.jsonl"]);
});

test("stops when it is told to, without a trace", async () => {
  const stop = new AbortController();
  const stopping = request(
    chats(100),
    tilth,
    {},
    { signal: stop.signal, progress: ({ step, examples }) => step === "writing" && examples > 20 && stop.abort() },
  );
  await expect(exportExamples(stopping)).rejects.toThrow("aborted");
  expect(await readdir(folder)).toEqual([]);
});

test("notices examples that change between the passes", async () => {
  let calls = 0;
  const all = chats(10);
  const changing = async function* () {
    yield calls++ === 0 ? all : all.slice(1);
  };
  await expect(exportExamples(request(all, tilth, {}, { examples: changing }))).rejects.toMatchObject({ code: "export/changed" });
  expect(await readdir(folder)).toEqual([]);
});

test("does not write over a file that only looks like a receipt", async () => {
  await mkdir(folder);
  await writeFile(join(folder, ".tilth-receipt.json"), "mine");
  await expect(exportExamples(request(chats(1), tilth))).rejects.toMatchObject({ code: "export/bad-receipt" });
  expect(await everything()).toEqual({ ".tilth-receipt.json": "mine" });
});

test("names the files of earlier exports that stay, and keeps them in the receipt", async () => {
  const rule = createSplitRule("support", { train: 0.5, validation: 0, test: 0.5 });
  await exportExamples(request(chats(20), tilth, {}, { split: { rule } }));
  const report = await exportExamples(
    request(chats(20), tilth, {}, { split: { rule, splits: ["train"] }, about: { dataset: "support", version: "1.1" } }),
  );
  expect(report.left).toEqual(["test.jsonl"]);
  expect((await readReceipt(folder)).exports.map(({ version, files }) => [version, files.map(({ name }) => name)])).toEqual([
    ["1.0", ["test.jsonl"]],
    ["1.1", ["train.jsonl"]],
  ]);
});

test("writes nothing where every example is refused", async () => {
  expect(await exportExamples(request([stored({ kind: "text", text: "gm" })], openaiChat))).toMatchObject({
    written: 0,
    refused: 1,
    files: [],
    empty: ["all"],
  });
  await expect(readdir(folder)).rejects.toThrow("ENOENT");
});
