import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetMetadataAsync } from "hyparquet";
import { expect, test } from "vitest";
import type { CellType } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { unpackedSource } from "./compression.ts";
import { detectFileKind } from "./detect.ts";
import { parquet } from "./parquet.ts";
import { bytesSource, collect, pipeSource, readEverything, streamOf } from "./test-sources.ts";

const message: CellType = { struct: { role: "string", content: "string", calls: "json", weight: "i32" } };
const columnTypes: Readonly<Record<string, CellType>> = {
  id: "string",
  score: "f64",
  at: "time",
  ok: "bool",
  tags: { list: "string" },
  messages: { list: message },
  tools: "json",
};
const rows: readonly JsonObject[] = [
  {
    id: "a",
    score: 0.5,
    at: "2026-01-07T10:00:00.001Z",
    ok: false,
    tags: ["x", "y"],
    messages: [
      { role: "user", content: "hi ✅" },
      { role: "assistant", content: "", calls: [{ a: [1, null] }], weight: 0 },
    ],
    tools: [{ function: { name: "f" } }],
  },
  { id: "b", score: null, at: null, ok: null, tags: [], messages: null, tools: null },
];

function write(given: readonly Json[], types?: Readonly<Record<string, CellType>>): Promise<Buffer> {
  return collect(parquet.write(streamOf(given), types === undefined ? {} : { columns: Object.keys(types), columnTypes: types }));
}

async function read(bytes: Uint8Array, chunkBytes?: number): Promise<readonly Json[]> {
  const { values, problems } = await readEverything(parquet, bytesSource(bytes, chunkBytes));
  expect(problems).toEqual([]);
  return values;
}

test("lists, structs, JSON, times and nothing come back as they were", async () => {
  const bytes = await write(rows, columnTypes);
  expect(await read(bytes)).toEqual(rows);
  expect(await read(bytes, 7)).toEqual(rows);
});

test("is packed with zstd and names who wrote it; the same rows give the same bytes", async () => {
  const bytes = await write(rows, columnTypes);
  const { buffer, byteOffset, length } = bytes;
  const metadata = await parquetMetadataAsync(new Uint8Array(buffer, byteOffset, length).slice().buffer);
  expect(metadata.created_by).toBe("tilth");
  expect(new Set(metadata.row_groups.flatMap(({ columns }) => columns.map((column) => column.meta_data?.codec)))).toEqual(
    new Set(["ZSTD"]),
  );
  expect(bytes.equals(await write(rows, columnTypes))).toBe(true);
});

test("DuckDB reads the same values, lists and structs with their types", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tilth-parquet-"));
  try {
    const path = join(folder, "rows.parquet");
    await writeFile(path, await write(rows, columnTypes));
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const types = await connection.runAndReadAll(`describe select * from read_parquet('${path}')`);
    const found = await connection.runAndReadAll(`select to_json(t)::varchar as row from read_parquet('${path}') t`);
    connection.closeSync();
    instance.closeSync();
    expect(types.getRowObjects().map((column) => String(column["column_type"]))).toEqual([
      "VARCHAR",
      "DOUBLE",
      "TIMESTAMP WITH TIME ZONE",
      "BOOLEAN",
      "VARCHAR[]",
      'STRUCT("role" VARCHAR, "content" VARCHAR, calls JSON, weight INTEGER)[]',
      "JSON",
    ]);
    const [first, second] = found.getRowObjects().map(({ row }): JsonObject => JSON.parse(String(row)));
    expect(first).toMatchObject({ id: "a", score: 0.5, ok: false, tags: ["x", "y"], tools: [{ function: { name: "f" } }] });
    expect(first?.["messages"]).toMatchObject([
      { role: "user", content: "hi ✅", calls: null },
      { calls: [{ a: [1, null] }], weight: 0 },
    ]);
    expect(second).toMatchObject({ id: "b", tags: [], messages: null, tools: null });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("begins a row group after 20,000 rows or 16 million characters, and reads all of them in order", async () => {
  const many = Array.from({ length: 45_000 }, (_, n) => ({ id: `row ${n}` }));
  expect((await groupsOf(await write(many))).map(Number)).toEqual([20_000, 20_000, 5_000]);
  expect(await read(await write(many))).toEqual(many);
  const long = Array.from({ length: 5 }, () => ({ id: "x".repeat(6_000_000) }));
  expect((await groupsOf(await write(long))).map(Number)).toEqual([3, 2]);
});

async function groupsOf(bytes: Buffer): Promise<readonly bigint[]> {
  const metadata = await parquetMetadataAsync(new Uint8Array(bytes).buffer);
  return metadata.row_groups.map(({ num_rows }) => num_rows);
}

test("tells types from the first rows where none are given: text, numbers, truth values, else JSON", async () => {
  const plain = [
    { a: "x", b: 1.5, c: true, d: [1, "x"], e: null },
    { a: null, b: 2, c: false, d: { x: 1 }, e: null },
  ];
  expect(await read(await write(plain))).toEqual(plain);
});

test("a file without rows is a file all the same", async () => {
  expect(await read(await write([], columnTypes))).toEqual([]);
  expect(await read(await write([]))).toEqual([]);
});

test("reads every byte once and in order, so that whoever counts or hashes them sees the file", async () => {
  const bytes = await write(Array.from({ length: 45_000 }, (_, n) => ({ id: `row ${n}` })));
  const source = bytesSource(bytes, 1000);
  const seen: Uint8Array[] = [];
  const watched = {
    ...source,
    async *open() {
      for await (const chunk of source.open()) {
        seen.push(chunk);
        yield chunk;
      }
    },
  };
  await readEverything(parquet, watched);
  expect(Buffer.concat(seen).equals(bytes)).toBe(true);
});

test("says that a pipe and a packed file will not do", async () => {
  const bytes = await write(rows, columnTypes);
  const { kind, source } = await detectFileKind(pipeSource(bytes));
  expect(kind.name).toBe("parquet");
  await expect(readEverything(kind, source)).rejects.toMatchObject({ code: "input/needs-file" });
  const packed = await unpackedSource(bytesSource(gzipSync(bytes), 1000, "rows.parquet.gz"));
  await expect(readEverything(parquet, packed)).rejects.toThrow(
    "rows.parquet.gz is Parquet, which is read from its end: a pipe or a packed file will not do.",
  );
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ["cut off", (bytes) => bytes.subarray(0, bytes.length - 20)],
  ["too short", (bytes) => bytes.subarray(0, 6)],
  ["with a footer of noise", (bytes) => Buffer.concat([bytes.subarray(0, -60), Buffer.alloc(52, 0x77), bytes.subarray(-8)])],
])("a file that is %s gets one clear sentence", async (_, harm) => {
  const bytes = harm(await write(rows, columnTypes));
  const { kind, source } = await detectFileKind(bytesSource(bytes, 1000, "rows.parquet"));
  expect(kind.name).toBe("parquet");
  await expect(readEverything(kind, source)).rejects.toMatchObject({ code: "input/damaged", kind: "data" });
});

test("a damaged row group behind sound ones is one problem that names its rows, the rest is read", async () => {
  const bytes = await write(Array.from({ length: 45_000 }, (_, n) => ({ id: `row ${n}` })));
  const metadata = await parquetMetadataAsync(new Uint8Array(bytes).buffer);
  const chunk = metadata.row_groups[1]?.columns[0]?.meta_data;
  const from = Number(chunk?.dictionary_page_offset ?? chunk?.data_page_offset);
  const harmed = Buffer.from(bytes).fill(0xff, from, from + Number(chunk?.total_compressed_size));
  const { values, problems, records } = await readEverything(parquet, bytesSource(harmed));
  expect(values).toHaveLength(25_000);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^rows 20001 to 40000 cannot be read: row group 2 is damaged \(/);
  expect(records.at(-1)?.line).toBe(45_000);
});

test("refuses values that a column cannot hold, and columns that come late", async () => {
  await expect(write([{ id: "a" }, { id: 7 }], { id: "string" })).rejects.toMatchObject({
    code: "format/unfit-cell",
    details: { row: 2, column: "id" },
  });
  await expect(write([{ id: [{ role: "user", colour: "red" }] }], { id: { list: message } })).rejects.toMatchObject({
    code: "format/unfit-cell",
  });
  await expect(write([{ id: "a", other: 1 }], { id: "string" })).rejects.toMatchObject({ code: "format/late-column" });
});
