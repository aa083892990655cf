/**
 * What the embedders that need no network know, and how fast they are.
 *
 *     npm run bench embedding [rounds, default 5]
 *
 * rho: rank correlation with people's grades on bench/pairs84.tsv. 1-NN: share of banking77's 3,080 test questions whose nearest of 10,003
 * training questions has the same intent. background: mean cosine of 10,000 pairs out of different sets. The last two read the folder TILTH_DATA
 * (default ../shared/data) and say so where it is absent. Both engines must give equal bytes, and rho must reach .80 for the table, else the
 * exit code is 1: the table is judged here when it is built anew. Aim: 100,000 to 150,000 sentences of 60 characters a second on one core.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { hashEmbedder } from "../packages/core/src/embed/hash.ts";
import { nearestEmbedder } from "../packages/core/src/embed/nearest.ts";
import { openStaticEmbedder, shippedTable } from "../packages/core/src/embed/static.ts";
import { readPieceTable } from "../packages/core/src/embed/table.ts";
import { createWordPieces } from "../packages/core/src/embed/word-pieces.ts";
import { csv } from "../packages/core/src/files/csv.ts";
import { fileSource } from "../packages/core/src/files/source.ts";
import type { Embedder } from "../packages/core/src/schema/embedder.ts";
import { isJsonObject } from "../packages/core/src/schema/json.ts";
import { loadVectorKernels } from "../packages/core/src/text/kernels/load-vectors.ts";
import { loadByteKernels } from "../packages/core/src/text/kernels/load.ts";
import { dot, readPairs, spearman, unitRows } from "./pairs84.ts";

interface Labelled {
  readonly text: string;
  readonly label: string;
}

const rounds = Number(process.argv[2] ?? 5);
const dataFolder = resolve(import.meta.dirname, "..", process.env["TILTH_DATA"] ?? "../shared/data");

const loading = performance.now();
const semantic = await openStaticEmbedder();
const loadMs = performance.now() - loading;
const pairs = readPairs();
const train = await readLabelled("banking77/train.csv");
const test = await readLabelled("banking77/test.csv");
const unrelated = unrelatedPairs(readSets());
const kinds: readonly (readonly [string, Embedder])[] = [
  ["semantic, before int8", await openSums()],
  ["semantic, int8", semantic],
  ["hash-v1", hashEmbedder()],
  ["nearest, hash .35", nearestEmbedder(semantic, { hashWeight: 0.35 })],
  ["nearest, hash .5", nearestEmbedder(semantic, { hashWeight: 0.5 })],
];

console.log(`${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}`);
console.log(`${semantic.id} ${semantic.version}: ${(statSync(shippedTable).size / 1e6).toFixed(2)} MB, opened in ${loadMs.toFixed(0)} ms`);
if (train.length === 0)
  console.log(`There is no banking77 in ${dataFolder} (TILTH_DATA): no 1-NN, and background and speed are taken on pairs84.`);
for (const [name, embedder] of kinds) {
  const rho = await rankCorrelation(embedder);
  const { mean, quantiles } = await background(embedder);
  const shared = train.length === 0 ? "" : `  1-NN ${(await sameLabel(embedder)).toFixed(4)}`;
  console.log(`${name.padEnd(22)} rho ${rho.toFixed(3)}${shared}  background ${mean.toFixed(3)} (p50, p90, p99: ${quantiles.join(", ")})`);
  if (embedder === semantic && rho < 0.8) process.exitCode = 1;
}
await reportSpeed();

async function rankCorrelation(embedder: Embedder): Promise<number> {
  const left = await rowsOf(
    embedder,
    pairs.map((pair) => pair.left),
  );
  const right = await rowsOf(
    embedder,
    pairs.map((pair) => pair.right),
  );
  return spearman(
    left.map((row, index) => dot(row, right[index])),
    pairs.map(({ grade }) => grade),
  );
}

async function rowsOf(embedder: Embedder, texts: readonly string[]): Promise<Float64Array[]> {
  return unitRows(await embedder.embed(texts), embedder.dimensions);
}

/** Every test question against every training question. */
async function sameLabel(embedder: Embedder): Promise<number> {
  const known = await embedder.embed(train.map(({ text }) => text));
  const asked = await embedder.embed(test.map(({ text }) => text));
  const neighbours = known instanceof Int8Array && asked instanceof Int8Array ? neighboursOfWhole : neighboursOfRows;
  const found = neighbours(known, asked, embedder.dimensions);
  return test.filter(({ label }, index) => train[found[index] ?? -1]?.label === label).length / test.length;
}

type Vectors = Int8Array | Float32Array;

/** In the memory of the vector kernels: all products of one question at a time. */
function neighboursOfWhole(known: Vectors, asked: Vectors, dimensions: number): number[] {
  const count = known.length / dimensions;
  const dotsAt = known.length;
  const inversesAt = dotsAt + 4 * count;
  const statesAt = inversesAt + 4 * count;
  const queryAt = statesAt + count;
  const kernels = loadVectorKernels({ bytes: queryAt + dimensions });
  const bytes = new Int8Array(kernels.buffer);
  bytes.set(known);
  const inverses = new Float32Array(kernels.buffer, inversesAt, count);
  for (let index = 0; index < count; index++) {
    let square = 0;
    for (let d = 0; d < dimensions; d++) square += (known[index * dimensions + d] ?? 0) ** 2;
    inverses[index] = square > 0 ? 1 / Math.sqrt(square) : 0;
  }
  return Array.from({ length: asked.length / dimensions }, (_, index) => {
    bytes.set(asked.subarray(index * dimensions, (index + 1) * dimensions), queryAt);
    kernels.dots(queryAt, 0, count, dimensions, dotsAt);
    return kernels.nearest(dotsAt, inversesAt, statesAt, 0, 0, count);
  });
}

function neighboursOfRows(known: Vectors, asked: Vectors, dimensions: number): number[] {
  const rows = unitRows(known, dimensions);
  return unitRows(asked, dimensions).map((row) => {
    let best = -Infinity;
    let at = 0;
    for (const [number, other] of rows.entries()) {
      const cosine = dot(row, other);
      if (cosine > best) [best, at] = [cosine, number];
    }
    return at;
  });
}

async function background(embedder: Embedder): Promise<{ readonly mean: number; readonly quantiles: readonly string[] }> {
  const left = await rowsOf(
    embedder,
    unrelated.map(([text]) => text),
  );
  const right = await rowsOf(
    embedder,
    unrelated.map(([, text]) => text),
  );
  const cosines = left.map((row, index) => dot(row, right[index])).sort((a, b) => a - b);
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  return { mean, quantiles: [0.5, 0.9, 0.99].map((share) => (cosines[Math.floor(share * cosines.length)] ?? Number.NaN).toFixed(3)) };
}

/** The sums as they are before they become whole numbers: what int8 costs is the difference. */
async function openSums(): Promise<Embedder> {
  const table = await readPieceTable(shippedTable);
  const wordPieces = createWordPieces(table.pieces);
  const rows = loadByteKernels().rowTable({ dimensions: table.dimensions, rows: table.rows, scales: table.scale });
  return {
    ...semantic,
    embed: async (texts) => {
      const list = { pieces: new Int32Array(1024), count: 0 };
      const ends = texts.map((text) => {
        wordPieces.append(text, list);
        return list.count;
      });
      return rows.sums(list.pieces.subarray(0, list.count), Int32Array.from(ends));
    },
  };
}

/** Cold: no word is remembered yet, the code is warm. Engines and states run in turns. The best round is told too: others may use the machine. */
async function reportSpeed(): Promise<void> {
  const texts =
    train.length > 0
      ? train.map(({ text }) => text)
      : Array.from({ length: 60 }, () => pairs.flatMap(({ left, right }) => [left, right])).flat();
  const characters = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  const expected = await semantic.embed(texts);
  const speeds = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const wasm of [true, false]) {
      // Another address of the same file: the embedder that is open already would know the words.
      const fresh = await openStaticEmbedder({ table: new URL(`?${round}`, shippedTable), wasm });
      for (const state of ["cold", "warm"]) {
        const start = performance.now();
        const vectors = await fresh.embed(texts);
        const perSecond = texts.length / ((performance.now() - start) / 1000);
        if (!bytesOf(vectors).equals(bytesOf(expected))) throw new Error("both engines must give the same vectors");
        const name = `${wasm ? "wasm" : "TypeScript"}, ${state}`;
        // The first round warms up and does not count.
        if (round > 0) speeds.set(name, [...(speeds.get(name) ?? []), perSecond]);
      }
    }
  }
  console.log(`${texts.length} sentences of ${characters.toFixed(0)} characters, one core, median of ${rounds}:`);
  for (const [name, values] of speeds) {
    const median = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
    const megabytes = ((median * characters) / 1e6).toFixed(1);
    console.log(`${name.padEnd(22)} ${inThousands(median)} k sentences/s, ${megabytes} MB/s (best ${inThousands(Math.max(...values))} k)`);
  }
}

function inThousands(value: number): string {
  return (value / 1000).toFixed(0);
}

function bytesOf(vectors: Vectors): Buffer {
  return Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
}

async function readLabelled(path: string): Promise<Labelled[]> {
  const file = join(dataFolder, path);
  const found: Labelled[] = [];
  if (!existsSync(file)) return found;
  for await (const { records } of csv.read(await fileSource(file), {})) {
    for (const record of records) {
      if ("problem" in record || !isJsonObject(record.value)) continue;
      const { text, category } = record.value;
      if (typeof text === "string" && typeof category === "string") found.push({ text, label: category });
    }
  }
  return found;
}

/** Three public sets of sentences that have nothing to do with each other; where they are absent, each sentence of pairs84 for itself. */
function readSets(): (readonly string[])[] {
  const gsm8k = join(dataFolder, "gsm8k_train/train.jsonl");
  const roleplay = join(dataFolder, "gpteacher_code_roleplay/roleplay_teknium.json");
  if (train.length === 0 || !existsSync(gsm8k) || !existsSync(roleplay)) return pairs.map(({ left, right }) => [left, right]);
  const lines = readFileSync(gsm8k, "utf8").trim().split("\n");
  return [
    train.map(({ text }) => text),
    sentencesIn(lines.map((line): unknown => JSON.parse(line))),
    sentencesIn(JSON.parse(readFileSync(roleplay, "utf8"))),
  ];
}

function sentencesIn(value: unknown): string[] {
  const sentences = [...stringsIn(value)].flatMap((text) => text.split(/(?<=[.!?])\s+|\n+/));
  return [...new Set(sentences)].filter((text) => text.split(/\s+/).length >= 3);
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* stringsIn(inner);
}

/** 10,000 pairs of texts of different sets, the same at every run. */
function unrelatedPairs(sets: readonly (readonly string[])[]): (readonly [string, string])[] {
  let state = 5;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const any = (number: number): string => {
    const texts = sets[number % sets.length] ?? [];
    return texts[random(texts.length)] ?? "";
  };
  return Array.from({ length: 10_000 }, () => {
    const first = random(sets.length);
    return [any(first), any(first + 1 + random(sets.length - 1))] as const;
  });
}
