import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestWorkspace } from "../../packages/core/src/operations/test-workspace.ts";
import { openTestWorkspace } from "../../packages/core/src/operations/test-workspace.ts";
import { dataSet } from "./data-folder.ts";

interface Counted {
  readonly folder: string;
  readonly format: string;
  /** Name, rows, and copies of rows that were read before, in the order of the imports. */
  readonly files: readonly (readonly [name: string, rows: number, equal: number])[];
}

/** The counts of the data sets' own description: what every import must come to. */
const sets: readonly Counted[] = [
  { folder: "gsm8k_train", format: "prompt-response", files: [["train.jsonl", 7_473, 0]] },
  {
    folder: "banking77",
    format: "csv",
    files: [
      ["train.csv", 10_003, 0],
      ["test.csv", 3_080, 0],
    ],
  },
  {
    folder: "gpteacher_code_roleplay",
    format: "alpaca",
    files: [
      ["codegen-instruct.json", 4_535, 0],
      ["roleplay_teknium.json", 1_923, 0],
      ["roleplay_alpacacleaned.json", 3_146, 1_638],
    ],
  },
  { folder: "tweets_engagement_obama", format: "csv", files: [["BarackObama.csv", 3_207, 0]] },
];

describe.each(sets)("$folder", { timeout: 300_000 }, ({ folder, format, files }) => {
  const data = dataSet(folder);
  let opened: TestWorkspace;
  beforeAll(async () => {
    opened = await openTestWorkspace();
  });
  afterAll(() => opened.end());

  test.skipIf(data === undefined)(
    `every row is accounted for, and a second import adds nothing (skipped where ${folder} is missing)`,
    async () => {
      const read = { rows: 0, kept: 0 };
      for (const [name, rows, equal] of files) {
        const report = await opened.call("example.import", { file: join(data ?? "", name), dataset: folder });
        expect(report).toMatchObject({
          read: rows,
          accepted: rows - equal,
          updated: 0,
          duplicate: equal,
          rejected: 0,
          format: { name: format },
        });
        read.rows += rows;
        read.kept += report.accepted;
        if (folder === "tweets_engagement_obama") expect(report.notes.join(" ")).toMatch(/windows-1252.*\b921\b/);
      }
      const before = await opened.call("pool.stats", {});
      expect(before.examples).toBe(read.kept);
      expect(before.datasets).toMatchObject([{ members: read.kept }]);
      for (const [name, rows] of files) {
        const again = await opened.call("example.import", { file: join(data ?? "", name), dataset: folder });
        expect(again).toMatchObject({ read: rows, accepted: 0, updated: 0, duplicate: rows, rejected: 0 });
      }
      expect(await opened.call("pool.stats", {})).toEqual({ ...before, imports: before.imports * 2 });
    },
  );
});
