// Imports chat records of about 480 bytes through the one door, with everything on: redaction, rules, hashes, domain, tags, score, tier,
// counters, facets, membership, change log. Beside it, in the same run: bare JSON.parse, parse plus a bare SQLite insert of the raw line, and
// bare writing of the same ready rows by one thread, which is what the import is held against (floor .8 of its rate).
// usage: npm run bench import -- [rows=100000]
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { finished } from "node:stream/promises";
import { callOperation } from "../packages/core/src/operations/call.ts";
import { createWorkspace, openWorkspace } from "../packages/core/src/workspace.ts";
import { limitYoungGeneration } from "../packages/cli/bin/young-generation.js";
import type { BareWriting } from "./bare-writer.ts";
import { writeBare } from "./bare-writer.ts";
import { chatRecords } from "./chat-records.ts";

const rows = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), "tilth-bench-"));
// As the command line does.
limitYoungGeneration();

try {
  const [first, second] = [join(folder, "first.jsonl"), join(folder, "second.jsonl")];
  const sizeBytes = await generate(first, 1);
  await generate(second, 2);
  console.log(`${rows.toLocaleString("en-US")} chat records of ${Math.round(sizeBytes / rows)} bytes, Node ${process.versions.node}`);
  const paths = await createWorkspace(join(folder, "workspace"), { packs: ["assistant"] });
  const other = await createWorkspace(join(folder, "bare"), { packs: ["assistant"] });
  const workspace = await openWorkspace(paths.root, { toolVersion: "bench" });
  const empty = await importOne(first);
  const filled = await importOne(second);
  await workspace.close();
  // Before the comparisons, which hold whole files.
  const residentMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  const parse = bareParse(first);
  print("bare JSON.parse", parse, parse);
  print("parse + bare insert of the line", bareInsert(first), parse);
  print("import into an empty pool", empty, parse);
  print("import into a pool that holds rows", filled, parse);
  await (await openWorkspace(other.root, { toolVersion: "bench" })).storage().then((storage) => storage.close());
  compare("an empty pool", empty, writeBare(paths.pool, other.pool, { from: 1, to: rows + 1, bulk: true }));
  compare("a pool that holds rows", filled, writeBare(paths.pool, other.pool, { from: rows + 1, to: 2 * rows + 1, bulk: false }));
  console.log(`resident at most ${residentMb} MB`);

  async function importOne(file: string): Promise<Measure> {
    return measured(async () => {
      const host = { folder: paths.root, workspace: async () => workspace };
      const report = await callOperation("example.import", { file, dataset: "all" }, host, { actor: "user:bench" });
      if (report.accepted !== rows) throw new Error(`accepted ${report.accepted} of ${rows}`);
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Measure {
  readonly seconds: number;
  readonly mainCpu: number;
  readonly otherCpu: number;
}

async function measured(work: () => Promise<void> | void): Promise<Measure> {
  const startMs = performance.now();
  const all = process.cpuUsage();
  const main = process.threadCpuUsage();
  await work();
  const usedMain = process.threadCpuUsage(main);
  const usedAll = process.cpuUsage(all);
  const mainCpu = (usedMain.user + usedMain.system) / 1e6;
  return { seconds: (performance.now() - startMs) / 1_000, mainCpu, otherCpu: (usedAll.user + usedAll.system) / 1e6 - mainCpu };
}

function bareParse(path: string): Measure {
  const text = readFileSync(path, "latin1");
  const startMs = performance.now();
  let count = 0;
  for (const line of text.split("\n")) if (line !== "" && JSON.parse(line) !== undefined) count++;
  if (count !== rows) throw new Error(`${count} rows`);
  const seconds = (performance.now() - startMs) / 1_000;
  return { seconds, mainCpu: seconds, otherCpu: 0 };
}

function bareInsert(path: string): Measure {
  const text = readFileSync(path, "latin1");
  const database = new DatabaseSync(join(folder, "bare.db"));
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE line (n INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT");
  const insert = database.prepare("INSERT INTO line (json) VALUES (?)");
  const startMs = performance.now();
  let inGroup = 0;
  database.exec("BEGIN");
  for (const line of text.split("\n")) {
    if (line === "") continue;
    JSON.parse(line);
    insert.run(line);
    if (++inGroup % 10_000 === 0) database.exec("COMMIT; BEGIN");
  }
  database.exec("COMMIT");
  const seconds = (performance.now() - startMs) / 1_000;
  database.close();
  return { seconds, mainCpu: seconds, otherCpu: 0 };
}

function compare(where: string, imported: Measure, bare: BareWriting): void {
  if (bare.rows !== rows) throw new Error(`${bare.rows} rows written`);
  const perSecond = Math.round(bare.rows / bare.seconds).toLocaleString("en-US");
  console.log(
    `bare writing of the same rows into ${where}: ${perSecond} rows/s, ${((bare.cpuSeconds * 1e6) / rows).toFixed(1)} µs CPU; the import reaches ${(bare.seconds / imported.seconds).toFixed(2)} of it`,
  );
}

function print(name: string, { seconds, mainCpu, otherCpu }: Measure, parse: Measure): void {
  const perSecond = Math.round(rows / seconds).toLocaleString("en-US");
  console.log(
    `${name.padEnd(36)} ${perSecond.padStart(9)} rows/s  ${((mainCpu * 1e6) / rows).toFixed(1).padStart(6)} µs main  ${((otherCpu * 1e6) / rows).toFixed(1).padStart(6)} µs other  ${(seconds / parse.seconds).toFixed(1).padStart(6)} × parse`,
  );
}

async function generate(path: string, seed: number): Promise<number> {
  const stream = createWriteStream(path);
  for (const row of chatRecords(rows, seed)) if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, "drain");
  stream.end();
  await finished(stream);
  return stream.bytesWritten;
}
