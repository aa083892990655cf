// Near-duplicates, file to survivors, against bare JSON.parse of the same file in the same run.
//
//   npm run bench near -- [records=1000000] [--only short,long,join,hub,duckdb] [--keep FOLDER]
//
// `short` has the given number of records of 52 words, `long` a tenth of it of 520 words; 15 % are planted near-duplicates (near-corpus.ts).
// Every figure is taken in a process of its own, so that its peak of memory is its own. Beside each stands the floor of the design for the
// reference machine with nothing else running; on a shared machine compare processor times, which leave out the waiting for a core.
// `--keep` leaves the corpora in a folder, for the comparison with Python libraries: see near-python.py.
// Ends with exit code 1 when a result is wrong; never because of a speed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeCorpus } from "./near-corpus.ts";
import type { Measure, Measured } from "./near-measure.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "short,long,join,hub,duckdb" }, keep: { type: "string" } },
});
const records = Number(positionals[0] ?? 1_000_000);
const only = new Set(values.only.split(","));
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "tilth-bench-near-"));
mkdirSync(folder, { recursive: true });

console.log(`${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}; ${count(records)} short records`);
try {
  if (only.has("short")) fileToSurvivors("short", corpus("short", records, 52), "parse", { one: 0.12, two: 0.21 });
  if (only.has("long")) fileToSurvivors("long", corpus("long", Math.ceil(records / 10), 520), "MB/s", { two: 150 });
  if (only.has("join")) joinAgainstBands();
  if (only.has("hub")) hubs();
  if (only.has("duckdb")) againstDuck();
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}

function fileToSurvivors(name: string, path: string, unit: "parse" | "MB/s", floor: { readonly one?: number; readonly two: number }): void {
  const megabytes = statSync(path).size / 1e6;
  const parse = measure({ kind: "parse", path });
  console.log(`\n${name}: ${megabytes.toFixed(0)} MB; bare JSON.parse ${rate(megabytes, parse)}`);
  for (const threshold of [0.7, 0.8]) {
    for (const workers of [1, 2]) {
      for (const mode of ["auto", "bands"] as const) {
        const run = measure({ kind: "file", path, workers, threshold, mode });
        const ratio = parse.seconds / run.seconds;
        const least = workers === 1 ? floor.one : floor.two;
        const told = least === undefined ? "no floor" : unit === "parse" ? `floor ${least}` : `floor ${least} MB/s`;
        const memory = `peak ${(run.peakBytes / 1e9).toFixed(2)} GB (floor 1.4)`;
        console.log(
          `  t ${threshold}, ${workers} worker${workers > 1 ? "s" : " "}, ${mode.padEnd(5)} ${rate(megabytes, run)}, ${ratio.toFixed(3)} of the parse (${told}), ` +
            `by processor time ${((parse.processorSeconds ?? 0) / (run.processorSeconds ?? 1)).toFixed(3)}, ` +
            `reading ${run.readSeconds?.toFixed(2)} s, ${memory}, dropped ${count(run.dropped ?? 0)}`,
        );
        if (workers === 1) console.log(`      ${run.reason}`);
      }
    }
  }
}

function joinAgainstBands(): void {
  for (const [name, path] of [
    ["short", corpus("short", records, 52)],
    ["long", corpus("long", Math.ceil(records / 10), 520)],
  ] as const) {
    console.log(`\n${name}: exact join against bands, shingling against both`);
    for (const threshold of [0.7, 0.8, 0.9]) {
      const run = measure({ kind: "join", path, threshold });
      console.log(`  t ${threshold}: ${run.text}`);
      if (run.isWrong) process.exitCode = 1;
    }
  }
}

function hubs(): void {
  console.log("\nhubs: nothing may become quadratic");
  for (const kind of ["identical", "boilerplate"] as const) {
    for (const mode of ["exact", "bands"] as const) {
      const size = kind === "identical" ? records : Math.ceil(records / 10);
      const run = measure({ kind: "hub", hub: kind, records: size, mode });
      console.log(`  ${count(size)} rows, ${kind.padEnd(11)} ${mode.padEnd(5)} ${run.seconds.toFixed(2)} s, ${run.text}`);
      if (run.isWrong) process.exitCode = 1;
    }
  }
}

function againstDuck(): void {
  const size = Math.ceil(records / 10);
  const path = corpus("duck", size, 52);
  console.log(`\nthe same as SQL in DuckDB, ${count(size)} short records, t 0.8, two threads each`);
  const ours = measure({ kind: "file", path, workers: 2, threshold: 0.8, mode: "auto" });
  const duck = measure({ kind: "duckdb", path, threshold: 0.8 });
  console.log(`  ours   ${ours.seconds.toFixed(2)} s, dropped ${count(ours.dropped ?? 0)}; with all pairs ${count(duck.ourPairs ?? 0)}`);
  console.log(
    `  DuckDB ${duck.seconds.toFixed(2)} s, ${count(duck.pairs ?? 0)} pairs; ours is ${(duck.seconds / ours.seconds).toFixed(1)}x as fast (floor 4x)`,
  );
  if (duck.pairs !== duck.ourPairs) {
    console.log("  WRONG: not the same pairs");
    process.exitCode = 1;
  }
}

function corpus(name: string, size: number, words: number): string {
  const path = join(folder, `${name}-${size}.jsonl`);
  if (existsSync(path)) return path;
  writeCorpus(`${path}.part`, size, words);
  renameSync(`${path}.part`, path);
  return path;
}

function measure(what: Measure): Measured {
  const run = spawnSync(process.execPath, [...process.execArgv, join(import.meta.dirname, "near-measure.ts"), JSON.stringify(what)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status !== 0) throw new Error(`The measurement ${JSON.stringify(what)} ended with ${run.status}.`);
  const measured: Measured = JSON.parse(run.stdout);
  return measured;
}

function rate(megabytes: number, { seconds }: Measured): string {
  return `${seconds.toFixed(2).padStart(6)} s ${(megabytes / seconds).toFixed(0).padStart(5)} MB/s`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
