import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exportExamples } from "../dataset/export.ts";
import { createSplitRule } from "../dataset/split.ts";
import { jsonl } from "../files/jsonl.ts";
import type { Chat } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import { linesOf, readOne, refusalOf, stored, writeAll } from "./contract.ts";
import { mlx } from "./mlx.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-mlx-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const chat: Chat = {
  kind: "chat",
  messages: [
    { role: "user", content: "2+2?" },
    { role: "assistant", content: "4", weight: 0 },
  ],
};

test("writes chats as messages with arguments as objects, texts as text", () => {
  const called: Chat = {
    kind: "chat",
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "", toolCalls: [{ id: "x", name: "f", arguments: { a: 1 } }] },
    ],
    tools: [{ name: "f", description: "F", parameters: {} }],
  };
  expect(linesOf(mlx, [stored(chat), stored(called)])).toBe(
    '{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}],"tools":[]}\n' +
      '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"","tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":{"a":1}}}]}],' +
      '"tools":[{"type":"function","function":{"name":"f","description":"F","parameters":{}}}]}\n',
  );
  expect(linesOf(mlx, [stored({ kind: "text", text: "gm" })])).toBe('{"text":"gm"}\n');
  expect(writeAll(mlx, [stored(chat)])).toMatchObject([{ losses: ["weight"] }]);
});

test("reads rows in the order in which MLX-LM recognises them", () => {
  expect(readOne(mlx, { prompt: "a", completion: "b", text: "c" })).toMatchObject({
    kind: "chat",
    messages: [{ content: "a" }, { content: "b" }],
  });
  expect(
    readOne(mlx, {
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
      ],
      text: "c",
    }),
  ).toMatchObject({ kind: "chat" });
  expect(readOne(mlx, { text: "c" })).toEqual({ kind: "text", text: "c" });
  expect(refusalOf(mlx, { instruction: "secret", output: "secret" })).toEqual({ refused: "incomplete", reason: "there is no `text`" });
});

function exported(examples: readonly Example[], split = false): ReturnType<typeof exportExamples> {
  const rule = createSplitRule("support", { train: 0.5, validation: 0.25, test: 0.25 });
  return exportExamples({
    examples: async function* () {
      yield examples;
    },
    format: mlx,
    fileKind: jsonl,
    split: split ? { rule } : {},
    folder,
    about: { dataset: "support", version: "1.0" },
  });
}

function idOf(n: number): string {
  return `01JD${String(n).padStart(22, "0")}`;
}

test("calls the files as MLX-LM looks for them", async () => {
  await exported(
    Array.from({ length: 100 }, (_, n) => stored(chat, { id: idOf(n), groupKey: `group ${n}` })),
    true,
  );
  expect((await readdir(folder)).filter((name) => name.endsWith(".jsonl")).toSorted()).toEqual([
    "test.jsonl",
    "train.jsonl",
    "valid.jsonl",
  ]);
});

test("without a split everything is for training", async () => {
  expect((await exported([stored(chat)])).files).toMatchObject([{ name: "train.jsonl" }]);
});

test("never mixes rows: the first example decides, those of the other kind are refused and counted", async () => {
  const texts = [1, 2].map((n) => stored({ kind: "text", text: `text ${n}` }, { id: idOf(n) }));
  const chats = [3, 4, 5].map((n) => stored(chat, { id: idOf(n) }));
  expect(await exported([...chats, ...texts])).toMatchObject({ written: 3, refused: 2, refusals: { mixture: 2 } });
  expect((await readFile(join(folder, "train.jsonl"), "utf8")).split("\n")).toHaveLength(4);
  expect(await exported([...texts, ...chats])).toMatchObject({ written: 2, refused: 3, refusals: { mixture: 3 } });
  expect(await readFile(join(folder, "train.jsonl"), "utf8")).toBe('{"text":"text 1"}\n{"text":"text 2"}\n');
});
