import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detectFileKind } from "../../packages/core/src/files/detect.ts";
import { fileSource } from "../../packages/core/src/files/source.ts";
import { readEverything } from "../../packages/core/src/files/test-sources.ts";
import { tsv } from "../../packages/core/src/files/tsv.ts";
import { dataSet } from "./data-folder.ts";

const folder = dataSet("usql_search_logs");

describe.skipIf(folder === undefined)("search logs without a header (skipped where TILTH_DATA lacks usql_search_logs)", () => {
  test.each([
    ["SearchLog.tsv", 23, 7],
    ["QueryLog.tsv", 9, 3],
    ["AdsLog.tsv", 7, 3],
  ])("%s has %i rows of %i cells, recognised and named", async (file, rows, columns) => {
    const source = await fileSource(join(folder ?? "", file));
    const { kind } = await detectFileKind(source);
    expect(kind.name).toBe("tsv");
    for (const reader of [kind, tsv]) {
      const { values, problems } = await readEverything(reader, source, { headless: true });
      expect({ rows: values.length, problems }).toEqual({ rows, problems: [] });
      expect(new Set(values.map((value) => Object.keys(value as object).length))).toEqual(new Set([columns]));
    }
  });

  test("the byte order mark is no part of the first cell, and NULL stays the text it is", async () => {
    const source = await fileSource(join(folder ?? "", "SearchLog.tsv"));
    const { values } = await readEverything(tsv, source, { headless: true });
    expect(values[0]).toEqual({
      column_1: "399266",
      column_2: "2/15/2012 11:53:16 AM",
      column_3: "en-us",
      column_4: "how to make nachos",
      column_5: "73",
      column_6: "www.nachos.com;www.wikipedia.com",
      column_7: "NULL",
    });
  });
});
