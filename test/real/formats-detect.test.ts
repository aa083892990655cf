import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detectFileKind } from "../../packages/core/src/files/detect.ts";
import { fileSource } from "../../packages/core/src/files/source.ts";
import { readEverything } from "../../packages/core/src/files/test-sources.ts";
import { detectFormat } from "../../packages/core/src/formats/detect.ts";
import type { NewExample } from "../../packages/core/src/schema/example.ts";
import { identityOf } from "../../packages/core/src/schema/identity.ts";
import { toHex } from "../../packages/core/src/text/hash.ts";
import { dataSet } from "./data-folder.ts";

/** Set, file, what is printed of its format, and its rows, every one of which is read. */
const recognised: readonly (readonly [string, string, string, number])[] = [
  ["gsm8k_train", "train.jsonl", "prompt-response: the rows hold `question` and `answer`", 7473],
  ["banking77", "train.csv", "csv: the rows hold `text` and `category`: texts with their intent", 10_003],
  ["banking77", "test.csv", "csv: the rows hold `text` and `category`: texts with their intent", 3080],
  ["gpteacher_code_roleplay", "codegen-instruct.json", "alpaca: the rows hold `instruction`, `input` and `response`", 4535],
  ["gpteacher_code_roleplay", "roleplay_teknium.json", "alpaca: the rows hold `instruction`, `input` and `response`", 1923],
  ["gpteacher_code_roleplay", "roleplay_alpacacleaned.json", "alpaca: the rows hold `instruction`, `input` and `output`", 3146],
  ["tweets_engagement_obama", "BarackObama.csv", "csv: the rows hold `text`: texts, their other columns as metadata", 3207],
  ["llamafactory_formats", "identity.json", "alpaca: the rows hold `instruction`, `input` and `output`", 91],
  ["llamafactory_formats", "reason_tool_use_demo_50.jsonl", "openai-chat: the rows hold `messages`, a list of objects with a role", 50],
];

/** Files whose rows no format may claim, since it would read them wrongly. */
const unclaimed: readonly (readonly [string, string])[] = [
  ["gsm8k_corrections", "example_model_solutions.jsonl"],
  ["bfcl_single_turn", "BFCL_v4_simple_python.json"],
  ["self_instruct_seed", "seed_tasks.jsonl"],
  ["datajuicer_demos", "demo-dataset-annotation-human-preference.jsonl"],
];

describe.each(recognised)("%s/%s", (set, file, expected, rows) => {
  test.skipIf(!isThere(set, file))(`is recognised and read whole (skipped where TILTH_DATA lacks ${set})`, async () => {
    const { told, examples, refused } = await readFormat(set, file);
    expect(told).toBe(expected);
    expect(refused).toEqual([]);
    expect(examples).toHaveLength(rows);
  });
});

test.each(unclaimed.filter(([set, file]) => isThere(set, file)))("%s/%s is claimed by none", async (set, file) => {
  await expect(readFormat(set, file)).rejects.toThrow("No format recognises these rows");
});

test.skipIf(!isThere("gpteacher_code_roleplay", "roleplay_teknium.json"))(
  "the answer counts, not the name of its column: 1,638 rows of two gpteacher files are equal (skipped where TILTH_DATA lacks gpteacher_code_roleplay)",
  async () => {
    const [one, other] = await Promise.all(
      ["roleplay_teknium.json", "roleplay_alpacacleaned.json"].map(async (file) =>
        contents(await readFormat("gpteacher_code_roleplay", file)),
      ),
    );
    expect(one?.intersection(other ?? new Set()).size).toBe(1638);
  },
);

test.skipIf(!isThere("tweets_engagement_obama", "BarackObama.csv"))(
  "a tweet keeps what only a mapping can read (skipped where TILTH_DATA lacks tweets_engagement_obama)",
  async () => {
    const { examples } = await readFormat("tweets_engagement_obama", "BarackObama.csv");
    expect(examples[0]).toMatchObject({
      kind: "text",
      metadata: { created_at: "10/16/17 22:59", replies: "17064", retweets: "89916", favorites: "641842", user: "BarackObama" },
    });
  },
);

test.skipIf(!isThere("llamafactory_formats", "reason_tool_use_demo_50.jsonl"))(
  "parts of text, thoughts and calls become messages without a rest (skipped where TILTH_DATA lacks llamafactory_formats)",
  async () => {
    const { examples } = await readFormat("llamafactory_formats", "reason_tool_use_demo_50.jsonl");
    const messages = examples.flatMap((example) => (example.kind === "chat" ? example.messages : []));
    expect(messages.filter(({ parts }) => parts !== undefined)).toEqual([]);
    expect(messages.some(({ reasoning }) => reasoning !== undefined)).toBe(true);
    expect(messages.some(({ toolCalls }) => toolCalls !== undefined)).toBe(true);
    expect(messages.filter(({ role, toolCallId }) => role === "tool" && toolCallId === undefined)).toEqual([]);
  },
);

function isThere(set: string, file: string): boolean {
  const folder = dataSet(set);
  return folder !== undefined && existsSync(join(folder, file));
}

interface Read {
  readonly told: string;
  readonly examples: readonly NewExample[];
  readonly refused: readonly string[];
}

async function readFormat(set: string, file: string): Promise<Read> {
  const source = await fileSource(join(dataSet(set) ?? "", file));
  const { kind } = await detectFileKind(source);
  const { values: rows } = await readEverything(kind, source);
  const { format, reason } = detectFormat({ rows: rows.slice(0, 200), fileKind: kind.name });
  const examples: NewExample[] = [];
  const refused: string[] = [];
  for (const row of rows) {
    const reading = format.read?.(row, { fileKind: kind.name }) ?? { refused: "unread", reason: "the format does not read" };
    if ("refused" in reading) refused.push(`${reading.refused}: ${reading.reason}`);
    else examples.push(...reading.examples);
  }
  return { told: `${format.name}: ${reason}`, examples, refused };
}

function contents({ examples }: Read): ReadonlySet<string> {
  return new Set(examples.map((example) => toHex(identityOf(example).contentHash)));
}
