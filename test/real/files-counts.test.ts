import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detectFileKind } from "../../packages/core/src/files/detect.ts";
import { fileSource } from "../../packages/core/src/files/source.ts";
import { readEverything } from "../../packages/core/src/files/test-sources.ts";
import type { Everything } from "../../packages/core/src/files/test-sources.ts";
import { dataSet } from "./data-folder.ts";

/** Set, file, kind, rows as the README of the data folder counts them. */
const tables: readonly (readonly [string, string, string, number])[] = [
  ["gsm8k_train", "train.jsonl", "jsonl", 7473],
  ["banking77", "train.csv", "csv", 10_003],
  ["banking77", "test.csv", "csv", 3080],
  ["gpteacher_code_roleplay", "codegen-instruct.json", "json", 4535],
  ["gpteacher_code_roleplay", "roleplay_teknium.json", "json", 1923],
  ["gpteacher_code_roleplay", "roleplay_alpacacleaned.json", "json", 3146],
  ["tweets_engagement_obama", "BarackObama.csv", "csv", 3207],
  ["dedupe_true_ids", "csv_example_messy_input.csv", "csv", 3337],
  ["dedupe_true_ids", "AbtBuy_Abt.csv", "csv", 1081],
  ["fastchat", "dummy_conversation.json", "json", 500],
  ["llamafactory_formats", "kto_en_demo.json", "json", 300],
  ["llamafactory_formats", "v1_dpo_demo.jsonl", "jsonl", 10],
  ["llmbar", "Processed_MT-Bench.json", "json", 200],
  ["presidio_synth_v2", "synth_dataset_v2.json", "json", 1500],
  ["snips_2017", "train_PlayMusic_full.json", "json", 2000],
  ["snips_2017", "train_AddToPlaylist_full.json", "json", 1942],
  ["bfcl_single_turn", "BFCL_v4_simple_python.json", "jsonl", 400],
  ["self_instruct_seed", "seed_tasks.jsonl", "jsonl", 175],
  ["langfuse_traces", "autogen-2025-06-06.trace.json", "json", 1],
];

async function read(set: string, file: string): Promise<Everything & { readonly kind: string }> {
  const source = await fileSource(join(dataSet(set) ?? "", file));
  const { kind } = await detectFileKind(source);
  return { ...(await readEverything(kind, source)), kind: kind.name };
}

describe.each(tables)("%s/%s", (set, file, kind, rows) => {
  test.skipIf(dataSet(set) === undefined)(`has ${rows} rows of ${kind} (skipped where TILTH_DATA lacks the set)`, async () => {
    const found = await read(set, file);
    expect({ kind: found.kind, rows: found.values.length, problems: found.problems }).toEqual({ kind, rows, problems: [] });
  });
});

test.skipIf(dataSet("tweets_engagement_obama") === undefined)(
  "the tweets are windows-1252 from byte 921 and 90 cells keep a lone CR",
  async () => {
    const { notes, values } = await read("tweets_engagement_obama", "BarackObama.csv");
    expect(notes.map((note) => note.message)).toContain("Read as windows-1252: byte 921 is not UTF-8.");
    const cells = values.flatMap((value) => Object.values(value as Record<string, string>));
    expect(cells.filter((cell) => /\r(?!\n)/.test(cell))).toHaveLength(90);
  },
);

test.skipIf(dataSet("snips_2017") === undefined)(
  "the one emoji written as two surrogates is read, and the label goes with every record",
  async () => {
    const { notes, values, records } = await read("snips_2017", "train_PlayMusic_full.json");
    expect(notes.map((note) => note.message)).toContain(
      "Read as UTF-8: 1 character is written as two surrogates, the first at byte 150732.",
    );
    const text = JSON.stringify(values);
    expect(text.match(/[\u{10000}-\u{10ffff}]/gu)).toHaveLength(1);
    expect(text.isWellFormed()).toBe(true);
    expect(new Set(records.map((record) => ("problem" in record ? "" : record.group)))).toEqual(new Set(["PlayMusic"]));
  },
);

test.skipIf(dataSet("banking77") === undefined)("13 cells of banking77 keep their line breaks, and lines are physical", async () => {
  const { values, records } = await read("banking77", "train.csv");
  const test = await read("banking77", "test.csv");
  const cells = [...values, ...test.values].flatMap((value) => Object.values(value as Record<string, string>));
  expect(cells.filter((cell) => cell.includes("\n"))).toHaveLength(13);
  expect(records.at(-1)?.line).toBeGreaterThan(10_004);
});
