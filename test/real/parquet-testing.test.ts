import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectFileKind } from "../../packages/core/src/files/detect.ts";
import { fileSource } from "../../packages/core/src/files/source.ts";
import { readEverything } from "../../packages/core/src/files/test-sources.ts";
import { dataSet } from "./data-folder.ts";

/** Files that are not read, with their rows and the one sentence about them. */
const refused: Readonly<Record<string, readonly [rows: number, sentence: string]>> = {
  "datapage_v1-corrupt-checksum.parquet": [5120, "row group 1 is damaged (a page of the column a has another checksum than its bytes)"],
  "rle-dict-uncompressed-corrupt-checksum.parquet": [
    1000,
    "row group 1 is damaged (a page of the column long_field has another checksum than its bytes)",
  ],
  "nation.dict-malformed.parquet": [25, "row group 1 is damaged"],
  "hadoop_lz4_compressed_larger.parquet": [10_000, "is not read here: unsupported compression codec: LZ4."],
  "non_hadoop_lz4_compressed.parquet": [4, "is not read here: unsupported compression codec: LZ4."],
  "lz4_raw_compressed.parquet": [4, "is not read here: unsupported compression codec: LZ4_RAW."],
  "large_string_map.brotli.parquet": [2, "is not read here: unsupported size: a row group of 2048 MB."],
};

const folder = dataSet("parquet_testing");
const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".parquet"));

async function read(file: string): Promise<readonly unknown[]> {
  const { kind, source } = await detectFileKind(await fileSource(join(folder ?? "", file)));
  const { values, problems } = await readEverything(kind, source);
  expect([kind.name, problems]).toEqual(["parquet", []]);
  return values;
}

test.skipIf(folder === undefined)(
  "all sound files are read, to the 71,201 rows of the footers with the others (skipped where TILTH_DATA lacks parquet_testing)",
  async () => {
    let rows = Object.values(refused).reduce((sum, [count]) => sum + count, 0);
    for (const file of files) if (!(file in refused)) rows += (await read(file)).length;
    expect([files.length, rows]).toEqual([33, 71_201]);
  },
);

test.each(Object.entries(refused).filter(([file]) => files.includes(file)))(
  "%s is refused with one sentence",
  async (file, [, sentence]) => {
    await expect(read(file)).rejects.toThrow(sentence);
  },
);

test.skipIf(folder === undefined)(
  "values come as JSON: times, nested maps, integers, text of old writers (skipped where TILTH_DATA lacks parquet_testing)",
  async () => {
    expect((await read("alltypes_tiny_pages_plain.parquet"))[0]).toMatchObject({
      bigint_col: 20,
      string_col: "2",
      date_string_col: "01/13/09",
      timestamp_col: "2009-01-13T01:02:05.410Z",
    });
    expect((await read("nested_maps.snappy.parquet"))[0]).toEqual({ a: { a: { 1: true, 2: false } }, b: 1, c: 1 });
    expect((await read("repeated_primitive_no_list.parquet"))[0]).toMatchObject({ String_list: ["foo", "zero", "one", "two"] });
  },
);
