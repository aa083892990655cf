// One measurement of near.ts in a process of its own; prints it as JSON. Not to be started by hand.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { tmpdir } from "node:os";
import { openDuck, queryCounts } from "../packages/core/src/dataset/duckdb.ts";
import { findNearInFile } from "../packages/core/src/similarity/near-file.ts";
import { readRange } from "../packages/core/src/similarity/near-lines.ts";
import { findNearDuplicates } from "../packages/core/src/similarity/near.ts";
import { allPairs } from "../packages/core/src/similarity/kernels/join.ts";
import { hashed, inOrder } from "../packages/core/src/similarity/test-near.ts";
import { loadByteKernels } from "../packages/core/src/text/kernels/load.ts";
import type { ShingleSets } from "../packages/core/src/text/kernels/shingle-sets.ts";

export type Measure =
  | { readonly kind: "parse"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly workers: number; readonly threshold: number; readonly mode: "auto" | "bands" }
  | { readonly kind: "join"; readonly path: string; readonly threshold: number }
  | { readonly kind: "hub"; readonly hub: "identical" | "boilerplate"; readonly records: number; readonly mode: "exact" | "bands" }
  | { readonly kind: "duckdb"; readonly path: string; readonly threshold: number };

export interface Measured {
  readonly seconds: number;
  /** Of all threads, during the measurement. */
  readonly processorSeconds?: number;
  readonly peakBytes: number;
  readonly readSeconds?: number;
  readonly dropped?: number;
  readonly reason?: string;
  readonly text?: string;
  readonly isWrong?: boolean;
  readonly pairs?: number;
  readonly ourPairs?: number;
}

const what: Measure = JSON.parse(process.argv[2] ?? "{}");
const measured = await run(what);
console.log(JSON.stringify({ ...measured, peakBytes: process.resourceUsage().maxRSS * 1024 }));

async function run(measure: Measure): Promise<Omit<Measured, "peakBytes">> {
  if (measure.kind === "parse") return parseRun(measure.path);
  if (measure.kind === "file") return fileRun(measure);
  if (measure.kind === "join") return joinRun(measure);
  if (measure.kind === "hub") return hubRun(measure);
  return duckRun(measure);
}

/** `JSON.parse` alone, of strings that are there already: a megabyte of lines at a time. */
function parseRun(path: string): Omit<Measured, "peakBytes"> {
  const file = openSync(path, "r");
  const bytes = Buffer.allocUnsafe(1 << 20);
  let kept = 0;
  let milliseconds = 0;
  let processor = 0;
  let sum = 0;
  for (
    let got = readSync(file, bytes, kept, bytes.length - kept, -1);
    got > 0;
    got = readSync(file, bytes, kept, bytes.length - kept, -1)
  ) {
    const filled = kept + got;
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1 && end < filled; end = bytes.indexOf(10, start)) {
      lines.push(bytes.toString("utf8", start, end));
      start = end + 1;
    }
    bytes.copy(bytes, 0, start, filled);
    kept = filled - start;
    const before = performance.now();
    const beforeProcessor = process.cpuUsage();
    for (const line of lines) {
      const row: { readonly text?: string } = JSON.parse(line);
      sum += row.text?.length ?? 0;
    }
    milliseconds += performance.now() - before;
    processor += processorSeconds(beforeProcessor);
  }
  closeSync(file);
  if (sum === 0) throw new Error("There was nothing to parse.");
  return { seconds: milliseconds / 1000, processorSeconds: processor };
}

function processorSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function fileRun({ path, workers, threshold, mode }: Extract<Measure, { kind: "file" }>): Promise<Omit<Measured, "peakBytes">> {
  const start = performance.now();
  const before = process.cpuUsage();
  let readSeconds = 0;
  const found = await findNearInFile(path, {
    fields: ["text"],
    workers,
    threshold,
    mode,
    onProgress: () => (readSeconds = (performance.now() - start) / 1000),
  });
  const seconds = (performance.now() - start) / 1000;
  return { seconds, processorSeconds: processorSeconds(before), readSeconds, dropped: found.rows - found.kept, reason: found.reason };
}

/** Both ways on the same sets, and what each of them costs against the shingling. */
function joinRun({ path, threshold }: Extract<Measure, { kind: "join" }>): Omit<Measured, "peakBytes"> {
  const { sets, seconds: shingling, twinSeconds } = setsOfFile(path);
  const order = inOrder(sets.offsets.length - 1);
  const options = { order, shingleWords: 3, threshold };
  const [exact, exactSeconds] = timed(() => findNearDuplicates(sets, { ...options, mode: "exact" }));
  const [bands, bandSeconds] = timed(() => findNearDuplicates(sets, { ...options, mode: "bands" }));
  const drops = order.length - exact.kept;
  let agree = 0;
  let atThreshold = 0;
  let foundAtThreshold = 0;
  for (const set of order) {
    const isDropped = (exact.witness[set] ?? -1) >= 0;
    const isDroppedByBands = (bands.witness[set] ?? -1) >= 0;
    if (isDropped === isDroppedByBands) agree++;
    if (!isDropped || Math.abs((exact.similarity[set] ?? 0) - threshold) > 0.01) continue;
    atThreshold++;
    if (isDroppedByBands) foundAtThreshold++;
  }
  let wrong = 0;
  for (const set of order) {
    const by = bands.witness[set] ?? -1;
    if (by >= 0 && ((bands.witness[by] ?? -1) >= 0 || (bands.similarity[set] ?? 0) < threshold - 1e-9)) wrong++;
  }
  const missed = bands.kept - exact.kept;
  const text =
    `shingling ${shingling.toFixed(2)} s, by the TypeScript twin ${twinSeconds.toFixed(2)} s; ` +
    `exact ${exactSeconds.toFixed(2)} s = ${(exactSeconds / shingling).toFixed(2)} and ${(exactSeconds / twinSeconds).toFixed(2)} of them (floor at 0.8: 0.9, set when shingling was plain TypeScript), dropped ${drops}; ` +
    `${bands.method} with keys ${bandSeconds.toFixed(2)} s, ${(100 - (100 * missed) / drops).toFixed(3)} % of the drops (floor 99.9), ` +
    `same decision on ${((100 * agree) / order.length).toFixed(4)} %, ${foundAtThreshold} of ${atThreshold} within .01 above the threshold, ` +
    `${wrong} without witness. ${bands.reason}`;
  return { seconds: exactSeconds, text, isWrong: wrong > 0 || missed > Math.max(5, 0.001 * drops) };
}

function setsOfFile(path: string): { readonly sets: ShingleSets; readonly seconds: number; readonly twinSeconds: number } {
  const file = openSync(path, "r");
  const { texts } = readRange(file, 0, fstatSync(file).size, ["text"]);
  closeSync(file);
  const kernels = loadByteKernels();
  const words = texts[0] === undefined || texts[0].length < 1000 ? 3 : 5;
  kernels.shingleSets(texts.slice(0, 2000), words);
  const [sets, seconds] = timed(() => kernels.shingleSets(texts, words));
  // The twin on a tenth of the texts: it is slower.
  const twin = loadByteKernels({ wasm: false });
  const tenth = texts.filter((_, place) => place % 10 === 0);
  twin.shingleSets(tenth.slice(0, 200), words);
  const [, twinSeconds] = timed(() => twin.shingleSets(tenth, words));
  return { sets, seconds, twinSeconds: twinSeconds * (texts.length / Math.max(1, tenth.length)) };
}

function hubRun({ hub, records, mode }: Extract<Measure, { kind: "hub" }>): Omit<Measured, "peakBytes"> {
  const sets = hub === "identical" ? repeated(records) : boilerplate(records);
  const [found, seconds] = timed(() => findNearDuplicates(sets, { order: inOrder(records), shingleWords: 3, mode }));
  const expected = hub === "identical" ? 1 : Math.floor(records / 2) + 1;
  return { seconds, text: `kept ${found.kept} of ${records}, ${found.reason}`, isWrong: found.kept !== expected };
}

function repeated(records: number): ShingleSets {
  const own = Int32Array.from({ length: 50 }, (_, place) => hashed(place)).sort();
  const values = new Int32Array(records * own.length);
  for (let set = 0; set < records; set++) values.set(own, set * own.length);
  return { values, offsets: Float64Array.from({ length: records + 1 }, (_, set) => set * own.length) };
}

/** All rows share 50 shingles. One half is like the first of them, the other half stays just below the threshold with everything. */
function boilerplate(records: number): ShingleSets {
  const shared = Array.from({ length: 50 }, (_, place) => hashed(place));
  const values = new Int32Array(records * 60);
  const offsets = new Float64Array(records + 1);
  for (let set = 0; set < records; set++) {
    const own = Array.from({ length: set % 2 === 0 ? 3 : 10 }, (_, place) => hashed(1000 + set * 10 + place));
    const all = Int32Array.from([...shared, ...own]).sort();
    values.set(all, offsets[set]);
    offsets[set + 1] = (offsets[set] ?? 0) + all.length;
  }
  return { values: values.subarray(0, offsets[records]), offsets };
}

/**
 * Every pair that reaches the threshold, in SQL: word 3-grams, the rarest of them joined, overlaps counted for candidates alone.
 *
 * The same prefix filter as ours, so that the comparison is one of engines; survivors would come on top of it.
 */
async function duckRun({ path, threshold }: Extract<Measure, { kind: "duckdb" }>): Promise<Omit<Measured, "peakBytes">> {
  const duck = openDuck({ temporaryFolder: tmpdir(), memoryLimitMb: 6_000, threads: 2 });
  const start = performance.now();
  const [pairs = -1] = await duck.use((session) => queryCounts(session, duckQuery(path, threshold)));
  const seconds = (performance.now() - start) / 1000;
  await duck.close();
  const { sets } = setsOfFile(path);
  let ourPairs = 0;
  allPairs(sets, threshold, inOrder(sets.offsets.length - 1), () => ourPairs++);
  return { seconds, pairs, ourPairs };
}

function duckQuery(path: string, threshold: number): string {
  return `
    with rows as (
      select row_number() over () as id, regexp_extract_all(lower(text), '[0-9a-z_]+') as words
      from read_json('${path.replaceAll("'", "''")}', format = 'newline_delimited', columns = {text: 'varchar'})
    ), sets as materialized (
      select id, list_distinct([hash(words[i], words[i + 1], words[i + 2]) for i in range(1, greatest(2, len(words) - 1))]) as grams
      from rows where len(words) > 0
    ), tokens as materialized (select id, len(grams) as size, unnest(grams) as gram from sets),
    frequencies as (select gram, count(*) as frequency from tokens group by gram),
    ranked as (
      select id, size, gram, frequency, row_number() over (partition by id order by frequency, gram) as place
      from tokens join frequencies using (gram)
    ), prefixes as materialized (
      select id, size, gram from ranked where frequency > 1 and place <= size - ceil(${threshold} * size - 1e-9) + 1
    ), candidates as (
      select distinct a.id as one, b.id as other
      from prefixes a join prefixes b on a.gram = b.gram and a.id < b.id
      where a.size >= ${threshold} * b.size - 1e-9 and b.size >= ${threshold} * a.size - 1e-9
    ), shares as (
      select len(list_intersect(a.grams, b.grams)) as shared, len(a.grams) + len(b.grams) as sizes
      from candidates join sets a on a.id = one join sets b on b.id = other
    )
    select count(*) from shares where shared >= ${threshold} * (sizes - shared) - 1e-9`;
}

function timed<Result>(work: () => Result): readonly [Result, number] {
  const start = performance.now();
  const result = work();
  return [result, (performance.now() - start) / 1000];
}
