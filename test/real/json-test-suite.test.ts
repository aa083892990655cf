import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { json } from "../../packages/core/src/files/json.ts";
import { fileSource, streamSource } from "../../packages/core/src/files/source.ts";
import { readEverything, streamOf } from "../../packages/core/src/files/test-sources.ts";
import { dataSet } from "./data-folder.ts";

const folder = dataSet("json_test_suite");
const files = folder === undefined ? [] : readdirSync(join(folder, "test_parsing")).filter((name) => name.endsWith(".json"));
const named = (prefix: string): readonly string[] => files.filter((name) => name.startsWith(prefix));

describe.skipIf(folder === undefined)("JSONTestSuite (skipped where TILTH_DATA lacks json_test_suite)", () => {
  test("is there as a whole", () => {
    expect([named("y_").length, named("n_").length, named("i_").length]).toEqual([95, 188, 35]);
  });

  test("what must parse is read, from a file and from a pipe, in chunks of any size", async () => {
    for (const name of named("y_")) {
      const path = join(folder ?? "", "test_parsing", name);
      for (const source of [await fileSource(path), await byteByByte(path)]) {
        const { problems, values } = await readEverything(json, source);
        expect({ name, problems }).toEqual({ name, problems: [] });
        const expected: unknown = JSON.parse(await readFile(path, "utf8"));
        if (Array.isArray(expected)) expect(values).toEqual(expected);
        else expect(values).toEqual([expected]);
      }
    }
  });

  test("what must not parse is refused, whatever encoding it is taken for", async () => {
    for (const name of named("n_")) {
      const path = join(folder ?? "", "test_parsing", name);
      for (const source of [await fileSource(path), await byteByByte(path)]) {
        const { problems } = await readEverything(json, source);
        expect({ name, isRefused: problems.length > 0 }).toEqual({ name, isRefused: true });
      }
      const told = await readEverything(json, await fileSource(path), { encoding: "windows-1252" });
      expect({ name, isRefused: told.problems.length > 0 }).toEqual({ name, isRefused: true });
    }
  });

  test("what is left open ends in records or problems, never in a crash", async () => {
    for (const name of named("i_")) {
      const { records } = await readEverything(json, await fileSource(join(folder ?? "", "test_parsing", name)));
      expect({ name, isDecided: records.length > 0 }).toEqual({ name, isDecided: true });
    }
  });
});

async function byteByByte(path: string) {
  const bytes = await readFile(path);
  // Long files would only take longer.
  const size = bytes.length > 10_000 ? 1000 : 1;
  return streamSource(
    path,
    streamOf(Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))),
  );
}
