import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { csv } from "./csv.ts";
import { json } from "./json.ts";
import { jsonl } from "./jsonl.ts";
import { readInChild } from "./test-child.ts";
import type { ChildReading } from "./test-child.ts";
import { bytesSource, pipeSource, readEverything } from "./test-sources.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-bad-"));
afterAll(() => rmSync(folder, { recursive: true }));

function readFileInChild(name: string, bytes: string | Uint8Array): Promise<ChildReading> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return readInChild(path);
}

function* repeated(start: string, piece: Buffer, times: number, end = ""): Iterable<Buffer> {
  yield Buffer.from(start);
  for (let time = 0; time < times; time++) yield piece;
  yield Buffer.from(end);
}

const megabyte = 1024 * 1024;

describe("takes bounded memory, and says what is wrong, for", () => {
  test("a line of 50 MB, which is read", async () => {
    const reading = await readFileInChild("long.jsonl", `{"text":"${"x".repeat(50 * megabyte)}"}\n{"a":1}\n`);
    expect(reading).toMatchObject({ kind: "jsonl", rows: 2, problems: [] });
    expect(reading.peakBytes).toBeLessThan(600 * megabyte);
  });

  test("a line of 400 MB, which is refused alone", async () => {
    const bytes = repeated('{"a":1}\n{"text":"', Buffer.alloc(megabyte, "x"), 400, '"}\n{"a":2}\n');
    const reading = await readInChild(Readable.from(bytes));
    expect(reading).toMatchObject({ kind: "jsonl", rows: 2, problems: ["line 2 is longer than 64 MB"] });
    expect(reading.peakBytes).toBeLessThan(500 * megabyte);
  });

  test("a table that is one endless quote", async () => {
    const bytes = repeated('a,b\n1,2\n3,4\n5,"', Buffer.alloc(megabyte, "some text without an end\n"), 300);
    const reading = await readInChild(Readable.from(bytes));
    expect(reading).toMatchObject({
      kind: "csv",
      rows: 2,
      problems: ["line 4 opens a quote that does not close within 16 MB: the rest of the file cannot be read"],
    });
    expect(reading.peakBytes).toBeLessThan(500 * megabyte);
  });

  test("ten million brackets", async () => {
    const reading = await readFileInChild("deep.json", `[1,${"[".repeat(10_000_000)}`);
    expect(reading).toMatchObject({ kind: "json", rows: 1 });
    expect(reading.problems).toHaveLength(1);
    expect(reading.peakBytes).toBeLessThan(500 * megabyte);
  });

  test("a zip bomb of 10 GB", async () => {
    const frame = zstdCompressSync(Buffer.alloc(100_000_000, `{"text":"${" ".repeat(1000)}"}\n`));
    const reading = await readFileInChild("bomb.jsonl.zst", Buffer.concat(Array.from({ length: 100 }, () => frame)));
    expect(reading.rows).toBeLessThan(30_000);
    expect(reading.problems).toEqual([expect.stringContaining("it unpacks to more than 1,000 times its size after")]);
    expect(reading.peakBytes).toBeLessThan(400 * megabyte);
  });

  test("a gzip file that unpacks to nothing but zeros", async () => {
    const member = gzipSync(Buffer.alloc(100_000_000));
    const reading = await readFileInChild("zeros.gz", Buffer.concat(Array.from({ length: 20 }, () => member)));
    expect(reading.error).toMatchObject({ code: "input/unknown-layout", message: expect.stringContaining("it is not text") });
    expect(reading.peakBytes).toBeLessThan(400 * megabyte);
  });

  test("100,000 columns", async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `c${index}`);
    const table = await readFileInChild("wide.csv", `${names.join(",")}\n${names.join(",")}\n`);
    expect(table).toMatchObject({ kind: "csv", rows: 0, problems: ["line 1 has 100000 columns, more than 10000 are not read"] });
    const row = JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])));
    const lines = await readFileInChild("wide.jsonl", `${row}\n${row}\n`);
    expect(lines).toMatchObject({ kind: "jsonl", rows: 2, problems: [] });
    expect(Math.max(table.peakBytes, lines.peakBytes)).toBeLessThan(400 * megabyte);
  });
});

describe.each([
  ["lines", jsonl, (rows: readonly string[]) => rows.join("\n")],
  ["an array", json, (rows: readonly string[]) => `[\n${rows.join(",\n")}]`],
])("in %s", (_, kind, joined) => {
  const read = (...rows: readonly string[]) => readEverything(kind, bytesSource(joined(rows)));

  test.each(["NaN", "Infinity", "-Infinity", "1e999", "-1E+999", "9".repeat(400), `${"9".repeat(280)}e99`, '[{"b":[1e999]}]'])(
    "a number that has no value is refused with its row: %s",
    async (number) => {
      const { values, records } = await read('{"a":1}', `{"a":${number}}`, '{"a":2}');
      expect(values).toEqual([{ a: 1 }, { a: 2 }]);
      expect(records[1]).toMatchObject({
        problem: expect.stringMatching(/NaN and Infinity have no JSON form|holds a number beyond 1\.8e308/),
      });
    },
  );

  test("numbers that merely look so are read", async () => {
    const { values, problems } = await read('{"a":[1e308,1e-999,-0.0,"1e999"],"1e999":"Infinity"}', "{}");
    expect({ values, problems }).toEqual({ values: [{ a: [1e308, 0, -0, "1e999"], "1e999": "Infinity" }, {}], problems: [] });
  });

  test("half a surrogate pair passes as it is", async () => {
    const { values } = await read('{"a":"\\ud800","\\udc00":"x\\udfffy"}', "{}");
    expect(values[0]).toEqual({ a: "\ud800", "\udc00": "x\udfffy" });
  });

  test("of keys that are there twice the last holds, as for every reader of JSON", async () => {
    expect((await read('{"a":1,"b":0,"a":{"c":2,"c":3}}', "{}")).values[0]).toEqual({ a: { c: 3 }, b: 0 });
  });

  test("a row nested 10,000 deep is refused alone", async () => {
    const { values, problems } = await read('{"a":1}', `${'{"a":['.repeat(5000)}1${"]}".repeat(5000)}`, '{"a":2}');
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(problems).toEqual([expect.stringContaining("is nested deeper than 512 levels")]);
  });
});

test("bytes of another encoding in mid-file turn the whole file, and a pipe from there on", async () => {
  const start = `id,text\n${'1,"Grüße, 世界"\n'.repeat(20_000)}`;
  const bytes = Buffer.concat([Buffer.from(start), Buffer.from("2,Köln\n", "latin1"), Buffer.from("3,end\n")]);
  const at = Buffer.byteLength(start) + 3;

  const file = await readEverything(csv, bytesSource(bytes));
  expect(file.notes.map((note) => note.message)).toContain(`Read as windows-1252: byte ${at} is not UTF-8.`);
  expect(file.values.slice(-2)).toEqual([
    { id: "2", text: "Köln" },
    { id: "3", text: "end" },
  ]);
  expect(file.values[0]).toEqual({ id: "1", text: "GrÃ¼ÃŸe, ä¸–ç•Œ" });

  const pipe = await readEverything(csv, pipeSource(bytes));
  expect(pipe.notes.map((note) => note.message)).toContain(`Read as windows-1252 from byte ${at} on, the first that is not UTF-8.`);
  expect(pipe.values[0]).toEqual({ id: "1", text: "Grüße, 世界" });
  expect(pipe.values.slice(-2)).toEqual(file.values.slice(-2));
});
