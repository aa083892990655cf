import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { objectKey } from "../objects/objects.ts";
import type { VersionColumn } from "../schema/column.ts";
import type { Chunk } from "../schema/manifest.ts";
import type { Row } from "./cells.ts";
import { endsChunk, writeChunks } from "./chunk.ts";
import { queryRows, quoted } from "./duckdb.ts";
import type { Bench } from "./contract.ts";
import { openBench } from "./contract.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const columns: readonly VersionColumn[] = [
  { n: 1, name: "id", type: "string", key: true },
  { n: 2, name: "text", type: "string" },
  { n: 3, name: "flag", type: "bool" },
  { n: 4, name: "count", type: "i32" },
  { n: 5, name: "score", type: "f64" },
  { n: 6, name: "at", type: "time" },
  { n: 7, name: "people", type: "string[]" },
];

async function* inBatches(rows: readonly Row[], size: number): AsyncIterable<readonly Row[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}

async function write(
  rows: readonly Row[],
  options: { readonly targetRows?: number; readonly batch?: number; readonly reuse?: (cells: string) => Chunk | undefined } = {},
): Promise<readonly Chunk[]> {
  const { targetRows = 16, batch = 7, reuse = () => undefined } = options;
  return bench.duck.use((session) =>
    writeChunks(inBatches(rows, batch), { objects: bench.objects, session, columns, targetRows, reuse: ({ cells }) => reuse(cells) }),
  );
}

async function read(chunks: readonly Chunk[]): Promise<readonly unknown[]> {
  const paths = await Promise.all(chunks.map((chunk) => bench.objects.local(objectKey(chunk.object, "parquet"))));
  const sql = `SELECT id, text, flag::INT, count, score, epoch_ms("at")::DOUBLE, array_to_string(people, '|') FROM read_parquet([${paths.map(quoted).join(", ")}])`;
  return bench.duck.use((session) => queryRows(session, sql));
}

const id = (number: number): string => `k${String(number).padStart(6, "0")}`;

test("keeps every cell: empty, short, at DuckDB's inline length, long, beyond ASCII, list", async () => {
  const texts = ["", "a", "twelve chars", "thirteen char", "日本語", "äöü".repeat(5), "🎀".repeat(4000), null, "tab\tline\n\"quote'"];
  const rows: Row[] = texts.map((text, i) => [
    id(i),
    text,
    i % 3 === 0 ? null : i % 2,
    i % 4 === 0 ? null : i - 3,
    i % 5 === 0 ? null : i / 3,
    i % 2 === 0 ? null : 1_700_000_000_123 + i,
    i % 3 === 1 ? ["aa", "bb".repeat(20)] : null,
  ]);
  const expected = rows.map(([key, text, flag, count, score, at, people]) => [
    key,
    text,
    flag,
    count,
    score,
    at,
    Array.isArray(people) ? people.join("|") : null,
  ]);
  expect(await read(await write(rows))).toEqual(expected);
});

test("keeps any text and number in any place", async () => {
  const cell = fc.option(
    fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.replaceAll("\0", "")),
    { nil: null },
  );
  const row = fc.tuple(
    cell,
    fc.option(fc.integer({ min: 0, max: 1 }), { nil: null }),
    fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: null }),
    fc.option(fc.double({ noNaN: true }), { nil: null }),
    fc.option(
      fc.array(
        fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll(/[\0|]/g, "")),
        { minLength: 1, maxLength: 4 },
      ),
      { nil: null },
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (cells) => {
      const rows: Row[] = cells.map(([text, flag, count, score, people], i) => [id(i), text, flag, count, score, null, people]);
      const expected = rows.map(([key, text, flag, count, score, , people]) => [
        key,
        text,
        flag,
        count,
        score,
        null,
        Array.isArray(people) ? people.join("|") : null,
      ]);
      expect(await read(await write(rows))).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test("where chunks end depends on keys alone: not on values, nor on how rows arrive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(99_999), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      async (numbers, batch) => {
        const keys = numbers.toSorted((a, b) => a - b).map(id);
        const row = (key: string, text: string | null): Row => [key, text, null, null, null, null, null];
        const plain = await write(keys.map((key) => row(key, null)));
        const other = await write(
          keys.map((key) => row(key, `text of ${key}`.repeat(9))),
          { batch },
        );
        expect(other.map(({ min, max, rows }) => ({ min, max, rows }))).toEqual(plain.map(({ min, max, rows }) => ({ min, max, rows })));
        let rows = 0;
        const ends = keys.filter((key) => {
          rows = endsChunk(key, rows + 1, 16) ? 0 : rows + 1;
          return rows === 0;
        });
        expect(plain.slice(0, -1).map((chunk) => chunk.max)).toEqual(ends.slice(0, plain.length - 1));
      },
    ),
    { numRuns: 20 },
  );
});

test("a chunk has T/2 rows at least, but for the last, and 2T at most", async () => {
  const sizes = (await write(Array.from({ length: 900 }, (_, i) => [id(i), null, null, null, null, null, null]))).map(
    (chunk) => chunk.rows,
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(900);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(32);
  expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(8);
});

test("the digest tells cells apart that look alike", async () => {
  const cellsOf = async (rows: readonly Row[]): Promise<string | undefined> => (await write(rows))[0]?.cells;
  const row = (...rest: readonly (string | number | null)[]): Row => [
    id(1),
    rest[0] ?? null,
    rest[1] ?? null,
    rest[2] ?? null,
    null,
    null,
    null,
  ];
  const alike: (readonly Row[])[] = [
    [row(null)],
    [row("")],
    [row("null")],
    [row(null, 0)],
    [row(null, null, 0)],
    [row(null, 1)],
    [row(null, null, 1)],
    [[id(1), null, null, null, 0, null, null]],
    [[id(1), null, null, null, null, 0, null]],
    [[id(1), null, null, null, null, null, ["ab"]]],
    [[id(1), null, null, null, null, null, ["a", "b"]]],
    [[id(1), null, null, null, null, null, ["", "ab"]]],
    [
      [id(1), "ab", null, null, null, null, null],
      [id(2), "c", null, null, null, null, null],
    ],
    [
      [id(1), "a", null, null, null, null, null],
      [id(2), "bc", null, null, null, null, null],
    ],
  ];
  const digests = await Promise.all(alike.map(cellsOf));
  expect(new Set(digests).size).toBe(alike.length);
});

test("a chunk that is there already is taken over, and nothing is written", async () => {
  const rows: Row[] = Array.from({ length: 100 }, (_, i) => [id(i), `text ${i}`, null, i, null, null, null]);
  const first = await write(rows);
  const before = (await Array.fromAsync(bench.objects.list("objects/"))).length;
  const again = await write(rows, { batch: 3, reuse: (cells) => first.find((chunk) => chunk.cells === cells) });
  expect(again).toEqual(first);
  expect(await Array.fromAsync(bench.objects.list("objects/"))).toHaveLength(before);
});

test("more rows than one block, in one chunk, keep their order", async () => {
  const rows: Row[] = Array.from({ length: 5_000 }, (_, i) => [
    id(i),
    i % 3 === 0 ? null : `row ${i} ${"x".repeat(i % 30)}`,
    null,
    i,
    null,
    null,
    null,
  ]);
  const chunks = await write(rows, { targetRows: 16_384, batch: 999 });
  expect(chunks.map((chunk) => chunk.rows)).toEqual([5_000]);
  expect((await read(chunks)).map((row) => (Array.isArray(row) ? [row[0], row[1], row[3]] : row))).toEqual(
    rows.map((row) => [row[0], row[1], row[3]]),
  );
});
