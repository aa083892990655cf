import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestWorkspace } from "../../packages/core/src/operations/test-workspace.ts";
import { openTestWorkspace } from "../../packages/core/src/operations/test-workspace.ts";
import { dataSet } from "./data-folder.ts";

/** Rows of a file, copies among them, rows that are refused and why; in the order of the imports. */
type Counted = readonly [name: string, rows: number, equal: number, refused?: Readonly<Record<string, number>>];

/** The counts of the data sets' own descriptions, apart from the rows that a rule refuses. */
const sets: Readonly<Record<string, readonly Counted[]>> = {
  llamafactory_formats: [
    ["dpo_en_demo.json", 300, 5],
    ["dpo_zh_demo.json", 300, 11],
    ["glaive_toolcall_en_demo.json", 300, 35],
    ["glaive_toolcall_zh_demo.json", 300, 43],
    ["identity.json", 91, 0],
    ["kto_en_demo.json", 300, 0],
    ["reason_tool_use_demo_50.jsonl", 50, 0],
    ["v1_dpo_demo.jsonl", 10, 0],
  ],
  llmbar: [
    ["LLMBar_Adversarial_GPTInst.json", 92, 0],
    ["LLMBar_Adversarial_GPTOut.json", 47, 0],
    ["LLMBar_Adversarial_Manual.json", 46, 0],
    ["LLMBar_Adversarial_Neighbor.json", 134, 0],
    ["LLMBar_Natural.json", 100, 0],
    ["Processed_FairEval.json", 66, 0],
    // One of its answers is empty: nothing can be learned from choosing it or the other.
    ["Processed_LLMEval2.json", 200, 0, { "preference-incomplete": 1 }],
    // Five pairs stand there twice with their sides exchanged: the same preference.
    ["Processed_MT-Bench.json", 200, 5],
  ],
  fastchat: [
    ["dummy_conversation.json", 500, 0],
    ["mt_bench_question.jsonl", 80, 0, { incomplete: 80 }],
    ["mt_bench_reference_gpt-4.jsonl", 30, 0, { incomplete: 30 }],
    ["vicuna_question.jsonl", 80, 0, { incomplete: 80 }],
  ],
  snips_2017: [
    ["train_AddToPlaylist_full.json", 1_942, 6],
    ["train_BookRestaurant_full.json", 1_973, 5],
    ["train_GetWeather_full.json", 2_000, 6],
    ["train_PlayMusic_full.json", 2_000, 14],
    ["train_RateBook_full.json", 1_956, 29],
    ["train_SearchCreativeWork_full.json", 1_954, 3],
    ["train_SearchScreeningEvent_full.json", 1_959, 98],
    ["validate_AddToPlaylist.json", 100, 0],
    ["validate_BookRestaurant.json", 100, 0],
    ["validate_GetWeather.json", 100, 2],
    ["validate_PlayMusic.json", 100, 1],
    ["validate_RateBook.json", 100, 2],
    ["validate_SearchCreativeWork.json", 100, 0],
    ["validate_SearchScreeningEvent.json", 100, 0],
  ],
};

describe.each(Object.keys(sets))("%s", { timeout: 300_000 }, (folder) => {
  const data = dataSet(folder);
  let opened: TestWorkspace;
  beforeAll(async () => {
    opened = await openTestWorkspace();
  });
  afterAll(() => opened.end());

  test.skipIf(data === undefined)(`every row is accounted for (skipped where ${folder} is missing)`, async () => {
    for (const [name, rows, equal, refused = {}] of sets[folder] ?? []) {
      const report = await opened.call("example.import", { file: join(data ?? "", name), dataset: folder });
      const rejected = Object.values(refused).reduce((sum, count) => sum + count, 0);
      expect({ name, ...report }).toMatchObject({
        name,
        read: rows,
        accepted: rows - equal - rejected,
        updated: 0,
        duplicate: equal,
        rejected,
      });
      expect(Object.fromEntries(report.refusals.map(({ reason, count }) => [reason, count]))).toEqual(refused);
    }
  });
});

describe("what is special in them", () => {
  let opened: TestWorkspace;
  beforeAll(async () => {
    opened = await openTestWorkspace();
  });
  afterAll(() => opened.end());
  const maps = dataSet("llamafactory_formats");
  const snips = dataSet("snips_2017");

  test.skipIf(maps === undefined)("a file of column maps is configuration, never examples (skipped where it is missing)", async () => {
    const call = opened.call("example.import", { file: join(maps ?? "", "dataset_info.json") });
    await expect(call).rejects.toMatchObject({ code: "format/configuration" });
  });

  test.skipIf(snips === undefined)(
    "an emoji in two encoded halves is stored as that emoji (skipped where snips_2017 is missing)",
    async () => {
      await opened.call("example.import", { file: join(snips ?? "", "train_PlayMusic_full.json") });
      const emoji: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await opened.call("example.list", { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
        for (const example of page.examples) {
          const text = example.kind === "classification" ? example.text : "";
          expect(text.isWellFormed() && !text.includes("\ufffd")).toBe(true);
          emoji.push(...(text.match(/\p{Emoji_Presentation}/gu) ?? []));
        }
        cursor = page.next;
      } while (cursor !== undefined);
      expect(emoji).toHaveLength(1);
    },
  );
});
