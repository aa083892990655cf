import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ByteSource } from "../schema/file-kind.ts";
import { unpackedSource } from "./compression.ts";
import { csv } from "./csv.ts";
import { detectFileKind } from "./detect.ts";
import { json } from "./json.ts";
import { jsonl } from "./jsonl.ts";
import { bytesSource, collect, pipeSource, readEverything } from "./test-sources.ts";
import type { Everything } from "./test-sources.ts";

/** Lines that hardly repeat, so that packed bytes are spread over them. */
const lines = Array.from({ length: 2000 }, (_, id) => `${JSON.stringify({ id, text: `${Math.sin(id)}`.slice(2) })}\n`);
const text = lines.join("");
const packers = [
  ["gzip", (bytes: string | Uint8Array) => gzipSync(bytes)],
  ["zstd", (bytes: string | Uint8Array) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
] as const;

async function readPacked(source: ByteSource, options: { readonly limitBytes?: number } = {}): Promise<Everything> {
  return readEverything(jsonl, await unpackedSource(source, options));
}

describe.each(packers)("%s", (packing, pack) => {
  test("is told by the first bytes, whatever the name says", async () => {
    const detected = await detectFileKind(bytesSource(pack(text), 1 << 20, "rows.csv"));
    expect(detected.kind.name).toBe("jsonl");
    expect((await readEverything(detected.kind, detected.source)).values).toHaveLength(2000);
    const plain = bytesSource(text, 1 << 20, "rows.jsonl.gz");
    expect(await unpackedSource(plain)).toBe(plain);
  });

  test("leaves the name inside to decide where the content cannot", async () => {
    const { kind } = await detectFileKind(
      bytesSource(pack("text\nhello\nwell, well\n"), 100, `x.CSV.${packing === "gzip" ? "gz" : "zst"}`),
    );
    expect(kind.name).toBe("csv");
  });

  test.each([25, 1000, 1 << 20])("is read from files and pipes in chunks of %i bytes", async (chunkBytes) => {
    for (const open of [bytesSource, pipeSource]) {
      const { values, problems, notes } = await readPacked(open(pack(text), chunkBytes));
      expect({ rows: values.length, problems }).toEqual({ rows: 2000, problems: [] });
      expect(notes).toEqual([{ what: "packing", value: packing, message: `Unpacked ${packing}.` }]);
    }
  });

  test("may come in several members, some of them empty, cut anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme", maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        async (parts, chunkBytes, isPipe) => {
          const filled = Buffer.alloc(packing === "gzip" ? parts.length : 0);
          const bytes = Buffer.concat([...parts.map((part) => pack(part)), filled]);
          const source = await unpackedSource((isPipe ? pipeSource : bytesSource)(bytes, chunkBytes));
          expect((await collect(source.open())).toString()).toBe(parts.join("").toWellFormed());
        },
      ),
      { numRuns: 200 },
    );
  });

  test("that is cut off anywhere gives the rows before the cut, then one problem", async () => {
    const whole = pack(text);
    for (const end of [whole.length - 1, whole.length - 9, whole.length >> 1, 3000, 700, 60]) {
      for (const open of [bytesSource, pipeSource]) {
        const source = open(whole.subarray(0, end), 999);
        const { values, records } = await readPacked(source).catch(noStart);
        if (records.length === 0) continue;
        expect(values).toEqual(lines.slice(0, values.length).map((line) => JSON.parse(line)));
        const rows = values.length === 1 ? "1 row" : `${values.length.toLocaleString("en-US")} rows`;
        expect(records.slice(values.length)).toMatchObject([
          {
            problem: `the compressed data ends early after ${rows}: line ${values.length + 1} and what follows cannot be read`,
            line: values.length + 1,
          },
        ]);
      }
    }
  });

  test("that is damaged in its midst gives rows from before, then one problem", async () => {
    const many = Array.from({ length: 60_000 }, (_, id) => `{"id":${id},"text":"${Math.sin(id)}"}\n`).join("");
    const bytes = Buffer.from(pack(many));
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64);
    const { values, problems } = await readPacked(bytesSource(bytes));
    expect(values.length).toBeGreaterThan(20_000);
    expect(values.slice(0, 20_000)).toEqual(many.split("\n", 20_000).map((line) => JSON.parse(line)));
    expect(problems.at(-1)).toMatch(/^the compressed data is damaged after [\d,]+ rows: line \d+ and what follows cannot be read$/);
  });

  test("with nothing but its first bytes is an error that says so", async () => {
    const failure = detectFileKind(bytesSource(pack(text).subarray(0, 8), 10, "x.gz"));
    await expect(failure).rejects.toMatchObject({ code: "input/damaged", kind: "data" });
    await expect(failure).rejects.toThrow("x.gz cannot be read to its end: the compressed data ends early.");
  });

  test("with something else behind it is read, and what follows is a problem", async () => {
    const { values, problems } = await readPacked(bytesSource(Buffer.concat([pack(text), Buffer.from("and then some")]), 1 << 20));
    expect(values.length).toBeGreaterThan(1800);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("the compressed data is damaged");
  });

  test("stops at the size the caller allows", async () => {
    const { values, problems } = await readPacked(pipeSource(pack(text), 500), { limitBytes: 60_000 });
    expect(problems).toEqual([expect.stringContaining("it unpacks to more than 60,000 bytes after ")]);
    expect(values.length).toBeGreaterThan(500);
  });

  test("counts packed bytes while it is read, up to the size of the file", async () => {
    const bytes = Buffer.concat([pack(text), pack(text), pack("{}"), Buffer.alloc(packing === "gzip" ? 512 : 0)]);
    for (const open of [bytesSource, pipeSource]) {
      const source = await unpackedSource(open(bytes, 4096));
      const steps: number[] = [];
      for await (const batch of jsonl.read(source, {})) steps.push(batch.bytesRead);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect(steps).toHaveLength(5);
      expect(steps[0]).toBeLessThan(bytes.length);
      expect(steps.at(-1)).toBe(bytes.length);
      if (open === bytesSource) expect(source.sizeBytes).toBe(bytes.length);
    }
  });

  test("can be looked into and opened again and again, also when left early", async () => {
    const source = await unpackedSource(bytesSource(pack(text), 100));
    expect(Buffer.from(await source.head(10)).toString()).toBe(text.slice(0, 10));
    for await (const _ of source.open()) break;
    expect((await collect(source.open())).toString()).toBe(text);
    expect(await unpackedSource(source)).toBe(source);
  });

  test("of a file in windows-1252 is decided before its first row leaves", async () => {
    const bytes = Buffer.concat([Buffer.from(text), Buffer.from('{"text":"Grüße"}\n', "latin1")]);
    const { values, encodings } = await readPacked(bytesSource(pack(bytes)));
    expect(encodings).toEqual(["windows-1252"]);
    expect(values.at(-1)).toEqual({ text: "Grüße" });
  });
});

test("what unpacks to more than 1,000 times its size is stopped, and the rows before stay", async () => {
  const bomb = zstdCompressSync(Buffer.alloc(100_000_000, `{"text":"${" ".repeat(1000)}"}\n`));
  const { values, problems } = await readPacked(pipeSource(bomb));
  expect(values.length).toBeGreaterThan(9000);
  expect(values.length).toBeLessThan(30_000);
  const rows = values.length.toLocaleString("en-US");
  expect(problems).toEqual([expect.stringContaining(`it unpacks to more than 1,000 times its size after ${rows} rows: line `)]);

  const zeros = await unpackedSource(bytesSource(gzipSync(Buffer.alloc(100_000_000))));
  let sizeBytes = 0;
  const readAll = async (): Promise<void> => {
    for await (const chunk of zeros.open()) sizeBytes += chunk.length;
  };
  await expect(readAll()).rejects.toMatchObject({ code: "input/damaged" });
  expect(sizeBytes).toBeLessThan(12_000_000);
});

function noStart(error: unknown): Everything {
  expect(error).toMatchObject({ code: "input/damaged" });
  return { values: [], problems: [], records: [], notes: [], encodings: [] };
}

test("a gzip file that is cut off loses no row that its bytes still hold", async () => {
  const whole = gzipSync(text);
  for (let end = 600; end < whole.length; end += 997) {
    const cut = whole.subarray(0, end);
    const held = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH }).toString().split("\n").length - 1;
    expect((await readPacked(bytesSource(cut, 333))).values).toHaveLength(held);
  }
});

test("tables and arrays in a file that is cut off end in one problem too", async () => {
  const table = gzipSync(`id,text\n${lines.map((_, id) => `${id},"${Math.cos(id)}\n"\n`).join("")}`);
  const fromTable = await readEverything(csv, await unpackedSource(bytesSource(table.subarray(0, table.length >> 1))));
  expect(fromTable.values.length).toBeGreaterThan(500);
  expect(fromTable.problems).toEqual([
    expect.stringMatching(new RegExp(`ends early after ${fromTable.values.length.toLocaleString("en-US")} rows: line \\d+ and`)),
  ]);
  const array = gzipSync(`[\n${lines.join(",")}]`);
  const fromArray = await readEverything(json, await unpackedSource(pipeSource(array.subarray(0, array.length >> 1))));
  expect(fromArray.values.length).toBeGreaterThan(500);
  expect(fromArray.problems).toEqual([expect.stringContaining("the compressed data ends early after ")]);
});

test("a zstd file that begins with a frame to skip is read", async () => {
  const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
  expect((await readPacked(bytesSource(Buffer.concat([skipped, zstdCompressSync(text), skipped]), 5))).values).toHaveLength(2000);
});

test("what the gzip command makes is read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tilth-gzip-"));
  try {
    writeFileSync(join(folder, "a.jsonl"), text);
    execFileSync("gzip", ["-9", join(folder, "a.jsonl")]);
    const bytes = readFileSync(join(folder, "a.jsonl.gz"));
    expect((await readPacked(bytesSource(Buffer.concat([bytes, bytes])))).values).toHaveLength(4000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const tar = Buffer.concat([Buffer.from("rows.jsonl"), Buffer.alloc(247), Buffer.from("ustar\0"), Buffer.alloc(249)]);

test.each([
  ["a zip archive or an office document", "`unzip FILE`", Buffer.from("PK\x03\x04rest")],
  ["compressed with bzip2", "`bunzip2 FILE`", Buffer.from("BZh91AY&SYrest")],
  ["compressed with xz", "`unxz FILE`", Buffer.from("\xfd7zXZ\0rest", "latin1")],
  ["a 7-Zip archive", "`7z x FILE`", Buffer.from("7z\xbc\xaf\x27\x1crest", "latin1")],
  ["a RAR archive", "`unrar x FILE`", Buffer.from("Rar!\x1a\x07\0")],
  ["a tar archive", "`tar -xf FILE`", tar],
  ["a tar archive", "`tar -xf FILE`", gzipSync(tar)],
  ["gzip inside of zstd", "once", zstdCompressSync(gzipSync(text))],
])("%s is refused with the way out %s", async (what, how, bytes) => {
  for (const open of [bytesSource, pipeSource]) {
    const failure = detectFileKind(open(bytes));
    await expect(failure).rejects.toMatchObject({ code: "input/archive", kind: "unsupported", details: { what } });
    await expect(failure).rejects.toThrow(how);
  }
});
