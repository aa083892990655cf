import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { unpackedSource } from "../../packages/core/src/files/compression.ts";
import { fileKinds } from "../../packages/core/src/files/list.ts";
import { bytesSource, collect, pipeSource, readEverything, streamOf } from "../../packages/core/src/files/test-sources.ts";
import { dataSet } from "./data-folder.ts";

const folder = dataSet("naughty_strings");
const strings: readonly string[] = folder === undefined ? [] : JSON.parse(readFileSync(join(folder, "blns.json"), "utf8"));
const rows = strings.map((text, id) => ({ id: `${id}`, text }));

describe.skipIf(folder === undefined)("naughty strings (skipped where TILTH_DATA lacks naughty_strings)", () => {
  test("are 515, of which 511 differ", () => {
    expect([strings.length, new Set(strings).size]).toEqual([515, 511]);
  });

  test.each(fileKinds.map((kind) => [kind.name, kind] as const))("come back unharmed from %s", async (_, kind) => {
    const bytes = await collect(kind.write(streamOf(rows), { escapeFormulas: false }));
    const sources = [bytesSource(bytes), bytesSource(bytes, 1), pipeSource(bytes, 7), bytesSource(gzipSync(bytes)), pipeSource(zstdCompressSync(bytes))];
    for (const source of sources) {
      const { values, problems } = await readEverything(kind, await unpackedSource(source));
      expect(problems).toEqual([]);
      expect(values).toEqual(rows);
    }
  });

  test.each(fileKinds.map((kind) => [kind.name, kind] as const))("come back from %s each in a file of its own", async (_, kind) => {
    for (const row of rows) {
      const bytes = await collect(kind.write(streamOf([row]), { escapeFormulas: false }));
      expect((await readEverything(kind, bytesSource(bytes))).values).toEqual([row]);
    }
  });

  test.each(["jsonl", "json"])("come back from %s as names of members", async (name) => {
    const row = Object.fromEntries(strings.map((text, id) => [text, id]));
    const kind = fileKinds.find((candidate) => candidate.name === name);
    const bytes = kind === undefined ? Buffer.alloc(0) : await collect(kind.write(streamOf([row]), {}));
    expect(kind === undefined ? [] : (await readEverything(kind, bytesSource(bytes))).values).toEqual([row]);
  });
});
