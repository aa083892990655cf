import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { unpackedSource } from "../../packages/core/src/files/compression.ts";
import { csv } from "../../packages/core/src/files/csv.ts";
import { json } from "../../packages/core/src/files/json.ts";
import { jsonl } from "../../packages/core/src/files/jsonl.ts";
import { fileKinds } from "../../packages/core/src/files/list.ts";
import { fileSource } from "../../packages/core/src/files/source.ts";
import { bytesSource, collect, pipeSource, readEverything, streamOf } from "../../packages/core/src/files/test-sources.ts";
import { tsv } from "../../packages/core/src/files/tsv.ts";
import { dataSet } from "./data-folder.ts";

const folder = dataSet("naughty_strings");
const strings: readonly string[] = folder === undefined ? [] : JSON.parse(readFileSync(join(folder, "blns.json"), "utf8"));
const rows = strings.map((text, id) => ({ id: `${id}`, text }));

const written = mkdtempSync(join(tmpdir(), "tilth-naughty-"));
afterAll(() => rmSync(written, { recursive: true }));

describe.skipIf(folder === undefined)("naughty strings (skipped where TILTH_DATA lacks naughty_strings)", () => {
  test("are 515, of which 511 differ", () => {
    expect([strings.length, new Set(strings).size]).toEqual([515, 511]);
  });

  test.each(fileKinds.map((kind) => [kind.name, kind] as const))("come back unharmed from a file of %s", async (_, kind) => {
    const path = join(written, `rows.${kind.extension}`);
    writeFileSync(path, await collect(kind.write(streamOf(rows), { escapeFormulas: false })));
    const { values, problems } = await readEverything(kind, await fileSource(path));
    expect({ values, problems }).toEqual({ values: rows, problems: [] });
  });

  const textKinds = [jsonl, json, csv, tsv].map((kind) => [kind.name, kind] as const);

  test.each(textKinds)("come back from %s in pieces of any size, through pipes and packed", async (_, kind) => {
    const bytes = await collect(kind.write(streamOf(rows), { escapeFormulas: false }));
    const sources = [bytesSource(bytes, 1), pipeSource(bytes, 7), bytesSource(gzipSync(bytes)), pipeSource(zstdCompressSync(bytes))];
    for (const source of sources) {
      const { values, problems } = await readEverything(kind, await unpackedSource(source));
      expect({ values, problems }).toEqual({ values: rows, problems: [] });
    }
  });

  test.each(textKinds)("come back from %s each in a file of its own", async (_, kind) => {
    for (const row of rows) {
      const bytes = await collect(kind.write(streamOf([row]), { escapeFormulas: false }));
      expect((await readEverything(kind, bytesSource(bytes))).values).toEqual([row]);
    }
  });

  test.each(textKinds.slice(0, 2))("come back from %s as names of members", async (_, kind) => {
    const row = Object.fromEntries(strings.map((text, id) => [text, id]));
    const bytes = await collect(kind.write(streamOf([row]), {}));
    expect((await readEverything(kind, bytesSource(bytes))).values).toEqual([row]);
  });
});
