/**
 * How fast files are read, against bare `JSON.parse` of the same rows as strings that lie ready, in one run.
 *
 *     node bench/reading.ts [MB of JSON Lines, default 60] [rounds, default 5]
 *
 * The target is .82 of `JSON.parse` for short rows of JSON Lines and .67 for long ones (floor), .85 and .70 (aim). The second ratio counts
 * the processor time of the reading thread alone: it holds where other work disturbs the first. Whatever is read must be the rows that
 * were written, else the exit code is 1.
 */
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { unpackedSource } from "../packages/core/src/files/compression.ts";
import { csv } from "../packages/core/src/files/csv.ts";
import { json } from "../packages/core/src/files/json.ts";
import { jsonl } from "../packages/core/src/files/jsonl.ts";
import { fileSource, streamSource } from "../packages/core/src/files/source.ts";
import { tsv } from "../packages/core/src/files/tsv.ts";
import type { ByteSource, FileKind } from "../packages/core/src/schema/file-kind.ts";
import { isJsonObject } from "../packages/core/src/schema/json.ts";

const megabytes = Number(process.argv[2] ?? 60);
const rounds = Number(process.argv[3] ?? 5);
const random = randomFrom(5);
const words = Array.from({ length: 8000 }, makeWord);
const folder = mkdtempSync(join(tmpdir(), "tilth-bench-"));

interface Row {
  readonly id: string;
  readonly prompt: string;
  readonly completion: string;
  readonly score: number;
}

interface Run {
  readonly name: string;
  readonly fileBytes: number;
  readonly run: () => Promise<number>;
}

console.log(`node ${process.version}, ${process.platform} ${process.arch}; medians of ${rounds} rounds in turns`);
try {
  await bench("short", 300);
  await bench("long", 3100);
} finally {
  rmSync(folder, { recursive: true });
}

async function bench(name: string, characters: number): Promise<void> {
  const rows: readonly Row[] = Array.from({ length: Math.round((megabytes * 1e6) / (characters + 60)) }, (_, id) =>
    makeRow(id, characters),
  );
  // Through bytes, so that each is one flat string as a reader makes it.
  const lines = rows.map((row) => Buffer.from(JSON.stringify(row)).toString());
  const sizeBytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const runs = [{ name: "JSON.parse", fileBytes: sizeBytes, run: async () => parseAll(lines) }, ...(await fileRuns(rows, lines))];
  const times: Record<string, number[]> = {};
  const processorTimes: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const { name: key, run } of runs) {
      const startMs = performance.now();
      const start = process.threadCpuUsage();
      const read = await run();
      const used = process.threadCpuUsage(start);
      if (round === 0) continue; // It warms up.
      (times[key] ??= []).push(performance.now() - startMs);
      (processorTimes[key] ??= []).push((used.user + used.system) / 1000);
      if (read !== rows.length) fail(`${key} read ${read} of ${rows.length} rows`);
    }
  }
  const parseMs = median(times["JSON.parse"]);
  const parseProcessorMs = median(processorTimes["JSON.parse"]);
  console.log(
    `\n${name}: ${rows.length} rows of ${Math.round(sizeBytes / rows.length)} bytes, ${(sizeBytes / 1e6).toFixed(0)} MB as JSON Lines\n`,
  );
  console.log("| read from | file MB | file MB/s | rows/s | of `JSON.parse` | by processor time |\n|---|---:|---:|---:|---:|---:|");
  for (const { name: key, fileBytes } of runs) {
    const ms = median(times[key]);
    const cells = [
      (fileBytes / 1e6).toFixed(0),
      (fileBytes / 1e3 / ms).toFixed(0),
      Math.round((rows.length / ms) * 1000).toLocaleString("en-US"),
    ];
    const ratios = [(parseMs / ms).toFixed(2), (parseProcessorMs / median(processorTimes[key])).toFixed(2)];
    console.log(`| ${[key, ...cells, ...ratios].join(" | ")} |`);
  }
}

async function fileRuns(rows: readonly Row[], lines: readonly string[]): Promise<readonly Run[]> {
  const text = `${lines.join("\n")}\n`;
  const table = (kind: FileKind): Promise<Buffer> => collect(kind.write(streamOf(rows), {}));
  const files: readonly (readonly [string, FileKind, Buffer])[] = [
    ["JSON Lines", jsonl, Buffer.from(text)],
    ["JSON array", json, Buffer.from(`[\n${lines.join(",\n")}\n]\n`)],
    ["CSV", csv, await table(csv)],
    ["TSV", tsv, await table(tsv)],
    ["JSON Lines, gzip 6", jsonl, gzipSync(text)],
    ["JSON Lines, zstd 3", jsonl, zstdCompressSync(text)],
  ];
  const runs = files.map(([name, kind, bytes], index): Run => {
    const path = join(folder, `${index}`);
    writeFileSync(path, bytes);
    return { name, fileBytes: statSync(path).size, run: async () => countRows(kind, await fileSource(path), rows) };
  });
  const pipe = async (): Promise<number> => countRows(jsonl, streamSource("pipe", bytesOf(join(folder, "0"))), rows);
  return [...runs, { name: "JSON Lines from a pipe", fileBytes: Buffer.byteLength(text), run: pipe }];
}

async function* bytesOf(path: string): AsyncIterable<Uint8Array> {
  for await (const chunk of createReadStream(path)) if (chunk instanceof Uint8Array) yield chunk;
}

async function countRows(kind: FileKind, source: ByteSource, rows: readonly Row[]): Promise<number> {
  let count = 0;
  for await (const { records } of kind.read(await unpackedSource(source), {})) {
    for (const record of records) {
      const row = rows[count++];
      if ("problem" in record || !isJsonObject(record.value)) fail(`${kind.name}: row ${count} is not read`);
      // Every row is compared by its place, every thousandth as a whole.
      else if (record.value["id"] !== row?.id) fail(`${kind.name}: row ${count} is another one`);
      else if (count % 1000 === 0 && record.value["completion"] !== row?.completion) fail(`${kind.name}: row ${count} differs`);
    }
  }
  return count;
}

function parseAll(lines: readonly string[]): number {
  let count = 0;
  for (const line of lines) {
    const row: unknown = JSON.parse(line);
    if (isJsonObject(row) && row["id"] !== "") count++;
  }
  return count;
}

async function* streamOf(rows: readonly Row[]): AsyncIterable<Readonly<Record<string, string | number>>> {
  await Promise.resolve();
  for (const row of rows) yield { ...row };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  for await (const chunk of chunks) kept.push(chunk);
  return Buffer.concat(kept);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

function median(times: readonly number[] | undefined): number {
  const sorted = (times ?? []).toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function makeRow(id: number, characters: number): Row {
  const prompt = makeText(characters * 0.3);
  return { id: `row-${id}`, prompt, completion: makeText(characters * 0.7), score: Math.round(random() * 1000) / 1000 };
}

/** Frequent words come first, as in running text; a tenth of the sentences holds a comma, some a quote or a line break. */
function makeText(characters: number): string {
  let text = "";
  while (text.length < characters) {
    const word = words[Math.floor(random() ** 3 * words.length)] ?? "";
    const sign = random();
    text += sign < 0.01 ? `"${word}" ` : sign < 0.02 ? `${word}.\n` : sign < 0.1 ? `${word}, ` : `${word} `;
  }
  return text.trimEnd();
}

function makeWord(): string {
  const syllable = (): string =>
    ("th s t r k l m p w b d".split(" ")[Math.floor(random() * 11)] ?? "") + ("aeiou"[Math.floor(random() * 5)] ?? "");
  return Array.from({ length: 1 + Math.floor(random() * 3) }, syllable).join("");
}

/** Mulberry32: the same rows in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
