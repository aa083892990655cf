import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detectFileKind } from "../../packages/core/src/files/detect.ts";
import { fileSource } from "../../packages/core/src/files/source.ts";
import type { Everything } from "../../packages/core/src/files/test-sources.ts";
import { readEverything } from "../../packages/core/src/files/test-sources.ts";
import { detectFormat } from "../../packages/core/src/formats/detect.ts";
import type { NewExample } from "../../packages/core/src/schema/example.ts";
import { newExampleSchema } from "../../packages/core/src/schema/example.ts";
import type { FileKind } from "../../packages/core/src/schema/file-kind.ts";
import { identityOf } from "../../packages/core/src/schema/identity.ts";
import { toHex } from "../../packages/core/src/text/hash.ts";
import { dataSet } from "./data-folder.ts";

interface Expected {
  readonly file: string;
  readonly rows: number;
  readonly format: string;
  /** Examples by kind; the other rows are refused as incomplete. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Further copies of a content already seen in the set. */
  readonly equal: number;
}

function pairs(file: string, rows: number, equal = 0): Expected {
  return { file, rows, format: "gold-choice", kinds: { preference: rows }, equal };
}

/** Counts of the data folder's README, in its order: an example is equal to one that came before it in its set. */
const sets: Readonly<Record<string, readonly Expected[]>> = {
  llamafactory_formats: [
    { file: "dpo_en_demo.json", rows: 300, format: "llama-factory", kinds: { preference: 300 }, equal: 5 },
    { file: "dpo_zh_demo.json", rows: 300, format: "llama-factory", kinds: { preference: 300 }, equal: 11 },
    { file: "kto_en_demo.json", rows: 300, format: "trl-unpaired", kinds: { rating: 300 }, equal: 0 },
    { file: "glaive_toolcall_en_demo.json", rows: 300, format: "sharegpt", kinds: { chat: 300 }, equal: 35 },
    { file: "glaive_toolcall_zh_demo.json", rows: 300, format: "sharegpt", kinds: { chat: 300 }, equal: 43 },
    { file: "identity.json", rows: 91, format: "alpaca", kinds: { chat: 91 }, equal: 0 },
    { file: "v1_dpo_demo.jsonl", rows: 10, format: "llama-factory", kinds: { preference: 10 }, equal: 0 },
    { file: "reason_tool_use_demo_50.jsonl", rows: 50, format: "openai-chat", kinds: { chat: 50 }, equal: 0 },
  ],
  llmbar: [
    pairs("LLMBar_Adversarial_GPTInst.json", 92),
    pairs("LLMBar_Adversarial_GPTOut.json", 47),
    pairs("LLMBar_Adversarial_Manual.json", 46),
    pairs("LLMBar_Adversarial_Neighbor.json", 134),
    pairs("LLMBar_Natural.json", 100),
    pairs("Processed_FairEval.json", 66),
    pairs("Processed_LLMEval2.json", 200),
    // No row is equal to another as it is written: five hold the answers of an earlier one in the other order, which is the same choice.
    pairs("Processed_MT-Bench.json", 200, 5),
  ],
  fastchat: [
    { file: "dummy_conversation.json", rows: 500, format: "sharegpt", kinds: { chat: 500 }, equal: 0 },
    { file: "mt_bench_question.jsonl", rows: 80, format: "mt-bench", kinds: {}, equal: 0 },
    { file: "vicuna_question.jsonl", rows: 80, format: "mt-bench", kinds: {}, equal: 0 },
    { file: "mt_bench_reference_gpt-4.jsonl", rows: 30, format: "mt-bench", kinds: {}, equal: 0 },
  ],
};

describe.each(Object.entries(sets))("%s", (set, files) => {
  const seen = new Set<string>();
  for (const { file, rows, format, kinds, equal } of files) {
    test.skipIf(!isThere(set, file))(
      `${file}: ${rows} rows as ${format}, ${equal} equal (skipped where TILTH_DATA lacks ${set})`,
      async () => {
        const read = await readFile(set, file);
        const examples = Object.values(kinds).reduce((sum, count) => sum + count, 0);
        const copies = read.hashes.filter((hash) => seen.has(hash) || !seen.add(hash)).length;
        expect({ ...read.counts, equal: copies }).toEqual({
          rows,
          format,
          kinds,
          refused: rows === examples ? {} : { incomplete: rows - examples },
          equal,
        });
      },
    );
  }
});

test.skipIf(!isThere("llamafactory_formats", "kto_en_demo.json"))(
  "half of the verdicts are true (skipped where TILTH_DATA lacks llamafactory_formats)",
  async () => {
    const { examples } = await readFile("llamafactory_formats", "kto_en_demo.json");
    expect(examples.filter((example) => example.kind === "rating" && example.label)).toHaveLength(150);
  },
);

test.skipIf(!isThere("llamafactory_formats", "glaive_toolcall_en_demo.json"))(
  "calls have their arguments and results their call (skipped where TILTH_DATA lacks llamafactory_formats)",
  async () => {
    const { examples } = await readFile("llamafactory_formats", "glaive_toolcall_en_demo.json");
    const messages = examples.flatMap((example) => (example.kind === "chat" ? example.messages : []));
    const calls = messages.flatMap(({ toolCalls }) => toolCalls ?? []);
    const { values } = await readRows("llamafactory_formats", "glaive_toolcall_en_demo.json");
    expect(calls.length).toBe(JSON.stringify(values).match(/"from":"function_call"/g)?.length);
    expect(calls.filter(({ argumentsText }) => argumentsText !== undefined)).toEqual([]);
    expect(messages.filter(({ role, toolCallId }) => role === "tool" && toolCallId === undefined)).toEqual([]);
  },
);

test.skipIf(!isThere("llamafactory_formats", "v1_dpo_demo.jsonl"))(
  "the sides of v1 share their prompt and differ in one message (skipped where TILTH_DATA lacks llamafactory_formats)",
  async () => {
    const { examples } = await readFile("llamafactory_formats", "v1_dpo_demo.jsonl");
    const found = examples.flatMap((example) => (example.kind === "preference" ? [example] : []));
    expect(found.map(({ chosen, rejected }) => [chosen.length, rejected.length])).toEqual(found.map(() => [1, 1]));
    expect(
      found.flatMap(({ prompt, chosen, rejected }) => [...prompt, ...chosen, ...rejected]).filter(({ parts }) => parts !== undefined),
    ).toEqual([]);
  },
);

test.skipIf(!isThere("llamafactory_formats", "identity.json"))(
  "placeholders stay as they are (skipped where TILTH_DATA lacks llamafactory_formats)",
  async () => {
    const { examples } = await readFile("llamafactory_formats", "identity.json");
    expect(examples.filter((example) => /\{\{(?:name|author)\}\}/.test(JSON.stringify(example)))).toHaveLength(85);
  },
);

test.skipIf(!isThere("llamafactory_formats", "dataset_info.json"))(
  "104 column maps are configuration, never examples (skipped where TILTH_DATA lacks llamafactory_formats)",
  async () => {
    await expect(readFile("llamafactory_formats", "dataset_info.json")).rejects.toThrow("This is LLaMA-Factory's dataset_info.json");
  },
);

function isThere(set: string, file: string): boolean {
  const folder = dataSet(set);
  return folder !== undefined && existsSync(join(folder, file));
}

interface Read {
  readonly counts: {
    readonly rows: number;
    readonly format: string;
    readonly kinds: Readonly<Record<string, number>>;
    readonly refused: Readonly<Record<string, number>>;
  };
  readonly examples: readonly NewExample[];
  readonly hashes: readonly string[];
}

async function readRows(set: string, file: string): Promise<Everything & { readonly kind: FileKind }> {
  const { kind, source } = await detectFileKind(await fileSource(join(dataSet(set) ?? "", file)));
  return { ...(await readEverything(kind, source)), kind };
}

async function readFile(set: string, file: string): Promise<Read> {
  const { values: rows, kind } = await readRows(set, file);
  const { format } = detectFormat({ rows: rows.slice(0, 200), fileKind: kind.name });
  const kinds: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const examples: NewExample[] = [];
  for (const row of rows) {
    const reading = format.read?.(row, { fileKind: kind.name }) ?? { refused: "unread", reason: "the format does not read" };
    if ("refused" in reading) refused[reading.refused] = (refused[reading.refused] ?? 0) + 1;
    else for (const example of reading.examples) examples.push(newExampleSchema.parse(example));
  }
  for (const { kind: name } of examples) kinds[name] = (kinds[name] ?? 0) + 1;
  const hashes = examples.map((example) => toHex(identityOf(example).contentHash));
  return { counts: { rows: rows.length, format: format.name, kinds, refused }, examples, hashes };
}
