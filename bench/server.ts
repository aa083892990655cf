// What a server of a large pool takes: the time to its first answer, memory and CPU when nobody asks, reads beside an import, and ten times
// too much. The server is a process of its own, the load another one (bench/server-load.ts); both share the cores of this machine.
// usage: npm run bench server -- [--rows 1000000] [--part start|idle|reads|alone|overload|all] [--pool FOLDER] [--seconds 30] [--rate 200]
// `--pool` keeps the pool in the folder and finds it there again; what writes does so to a copy. `--flags` are given to the server's Node.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, createReadStream, createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { callOperation } from "../packages/core/src/operations/call.ts";
import { openWorkspace } from "../packages/core/src/workspace.ts";
import { chatRecords } from "./chat-records.ts";
import { makeLargePool } from "./large-pool.ts";
import type { LoadPlan, LoadReport, Spread } from "./server-load.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    part: { type: "string", default: "all" },
    pool: { type: "string" },
    seconds: { type: "string" },
    rate: { type: "string", default: "200" },
    repeat: { type: "string", default: "7" },
    flags: { type: "string", default: "" },
  },
});
const rows = Number(values.rows);
const rate = Number(values.rate);
const program = fileURLToPath(new URL("../packages/cli/bin/tilth.js", import.meta.url));
const loader = fileURLToPath(new URL("./server-load.ts", import.meta.url));
const CALLERS = 8;
const IMPORTED_ROWS = 800_000;

const home = values.pool ?? mkdtempSync(join(tmpdir(), "tilth-bench-"));
const running = new Set<ChildProcess>();
try {
  const pool = join(home, "pool");
  if (!existsSync(join(pool, "tilth.yaml"))) await makeLargePool(pool, { count: rows, isSearchable: true });
  const { words, ids } = await knownIn(pool);
  console.log(
    `${rows.toLocaleString("en-US")} rows, ${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}, load average ${busy()} before`,
  );
  const parts = {
    start: () => start(pool),
    idle: () => idle(pool, { words, ids }),
    reads: () => reads({ words, ids }),
    alone: () => alone({ words, ids }),
    overload: () => overload({ words, ids }),
  };
  for (const [name, part] of Object.entries(parts)) {
    if (values.part !== "all" && values.part !== name) continue;
    console.log(`\n## ${name}\n`);
    await part();
    console.log(`\nload average ${busy()} after`);
  }
} finally {
  for (const child of running) child.kill("SIGKILL");
  if (values.pool === undefined) rmSync(home, { recursive: true, force: true });
}

function busy(): string {
  return (loadavg()[0] ?? 0).toFixed(2);
}

interface Known {
  readonly words: readonly string[];
  readonly ids: readonly string[];
}

/** Ids of the newest examples, and words that they say. */
async function knownIn(folder: string): Promise<Known> {
  const workspace = await openWorkspace(folder, { toolVersion: "bench" });
  try {
    const host = { folder, workspace: async () => workspace };
    const { examples } = await callOperation("example.list", { limit: 200, where: "kind = chat" }, host, { actor: "user:bench" });
    const texts = examples.flatMap((example) => (example.kind === "chat" ? example.messages.map(({ content }) => content) : []));
    const words = [...new Set(texts.join(" ").split(" "))].filter((word) => word.length > 3);
    return { words: words.slice(0, 1_000), ids: examples.map(({ id }) => id) };
  } finally {
    await workspace.close();
  }
}

interface Server {
  readonly origin: string;
  readonly pid: number;
  /** From the start of the process to its first answer. */
  readonly startMs: number;
  stop(): Promise<void>;
}

async function serve(folder: string): Promise<Server> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const origin = `http://127.0.0.1:${port}`;
  const flags = values.flags.split(" ").filter((flag) => flag !== "");
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...flags, program, "serve", "--port", String(port), "--workspace", folder, "--json"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  running.add(child);
  const ended = once(child, "exit");
  for (;;) {
    const answer = await fetch(`${origin}/api/training-data/examples?limit=20`).catch(() => undefined);
    // 401: once there are keys, whoever brings none is refused, which is an answer too.
    if (answer?.status === 200 || answer?.status === 401) break;
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await delay(2);
  }
  const startMs = performance.now() - startedMs;
  return {
    origin,
    pid: child.pid ?? 0,
    startMs,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      running.delete(child);
    },
  };
}

async function start(folder: string): Promise<void> {
  const times: number[] = [];
  const spent: number[] = [];
  for (let i = 0; i <= Number(values.repeat); i++) {
    const server = await serve(folder);
    const { cpuSeconds } = usageOf(server.pid);
    await server.stop();
    // The first one fills caches, of the disk and of compiled code.
    if (i > 0) {
      times.push(server.startMs);
      spent.push(cpuSeconds * 1_000);
    }
  }
  console.log(`start to first answer: ${told(times)} ms; CPU ${told(spent)} ms; bar 700`);
}

function told(values_: readonly number[]): string {
  const sorted = values_.toSorted((a, b) => a - b).map(Math.round);
  return `${sorted[sorted.length >> 1] ?? "?"} (${sorted[0] ?? "?"}–${sorted.at(-1) ?? "?"})`;
}

/** Asks all kinds of reads for a while, then looks what stays when nobody asks. */
async function idle(folder: string, known: Known): Promise<void> {
  await withCopy(folder, async (copy) => {
    const keys = await makeKeys(copy);
    const server = await serve(copy);
    console.log(`resident after the start: ${megabytes(usageOf(server.pid).bytes)}`);
    await load({
      origin: server.origin,
      keys,
      perSecond: rate,
      seconds: Number(values.seconds ?? 20),
      writes: 0.05,
      seed: 1,
      rows,
      ...known,
    });
    console.log(`resident after ${values.seconds ?? 20} s of ${rate} requests/s: ${megabytes(usageOf(server.pid).bytes)}`);
    for (const after of [15, 30, 45, 60]) {
      const before = usageOf(server.pid);
      await delay(15_000);
      const { bytes, cpuSeconds, processes } = usageOf(server.pid);
      const share = ((cpuSeconds - before.cpuSeconds) / 15) * 100;
      console.log(
        `idle for ${after} s: ${megabytes(bytes)} resident in ${processes} process(es), CPU ${share.toFixed(2)} %; bars 200 MB, 0.5 %`,
      );
    }
    await server.stop();
  });
}

/** Reads beside an import of another file over HTTP. */
async function reads(known: Known): Promise<void> {
  const seconds = Number(values.seconds ?? 30);
  await withCopy(join(home, "pool"), async (copy) => {
    const keys = await makeKeys(copy);
    const server = await serve(copy);
    const importing = new AbortController();
    const imported = importFile(server.origin, keys[0] ?? "", importing.signal);
    const count = () => examplesOf(server.origin, keys[0] ?? "");
    const first = await count();
    while ((await count()) === first) await delay(100);
    const alone = await rowsASecond(count, () => delay(10_000));
    const before = usageOf(server.pid);
    let report: LoadReport | undefined;
    const beside = await rowsASecond(count, async () => {
      report = await load({ origin: server.origin, keys, perSecond: rate, seconds, writes: 0, seed: 2, rows, ...known });
    });
    const after = usageOf(server.pid);
    console.log(`import: ${Math.round(alone)} rows/s alone, ${Math.round(beside)} beside ${rate} requests/s`);
    const share = ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100;
    console.log(`server: CPU ${share.toFixed(0)} %, ${megabytes(after.bytes)} resident in ${after.processes} process(es)\n`);
    if (report !== undefined) print(report);
    importing.abort();
    await imported;
    await server.stop();
  });
}

/** The same reads with nothing beside them. */
async function alone(known: Known): Promise<void> {
  const seconds = Number(values.seconds ?? 15);
  await withCopy(join(home, "pool"), async (copy) => {
    const keys = await makeKeys(copy);
    const server = await serve(copy);
    const before = usageOf(server.pid);
    const report = await load({ origin: server.origin, keys, perSecond: rate, seconds, writes: 0, seed: 2, rows, ...known });
    const share = ((usageOf(server.pid).cpuSeconds - before.cpuSeconds) / seconds) * 100;
    console.log(`server: CPU ${share.toFixed(0)} %\n`);
    print(report);
    await server.stop();
  });
}

/** Ten times as much as is promised, a tenth of it writes. */
async function overload(known: Known): Promise<void> {
  const seconds = Number(values.seconds ?? 60);
  await withCopy(join(home, "pool"), async (copy) => {
    const keys = await makeKeys(copy);
    const server = await serve(copy);
    const before = usageOf(server.pid);
    let mostBytes = 0;
    const look = setInterval(() => (mostBytes = Math.max(mostBytes, usageOf(server.pid).bytes)), 500);
    const report = await load({ origin: server.origin, keys, perSecond: rate * 10, seconds, writes: 0.1, seed: 3, rows, ...known });
    clearInterval(look);
    const share = ((usageOf(server.pid).cpuSeconds - before.cpuSeconds) / seconds) * 100;
    console.log(`server: CPU ${share.toFixed(0)} %, at most ${megabytes(mostBytes)} resident\n`);
    print(report);
    const wellMs = await backToNormal(server.origin, keys[0] ?? "");
    console.log(`\nanswers within 100 ms again after ${Math.round(wellMs)} ms`);
    const lost = await lostOf(server.origin, keys, report);
    const failed = Object.entries(report.kinds).flatMap(([kind, { statuses }]) =>
      Object.entries(statuses)
        .filter(([status]) => !/^([234]\d\d|503)$/.test(status))
        .map(([status, times]) => `${kind}: ${times} × ${status}`),
    );
    console.log(
      `acknowledged: ${report.added.length} added, ${report.edited.length} edits; lost: ${lost.length === 0 ? "none" : lost.join(", ")}`,
    );
    console.log(`other failures than 503: ${failed.length === 0 ? "none" : failed.join(", ")}`);
    if (lost.length + failed.length > 0) process.exitCode = 1;
    await server.stop();
  });
}

/** Ten quick answers one after the other. */
async function backToNormal(origin: string, key: string): Promise<number> {
  const startMs = performance.now();
  for (let quick = 0; quick < 10;) {
    const askedMs = performance.now();
    const { status } = await get(origin, key, "/examples");
    quick = status === 200 && performance.now() - askedMs < 100 ? quick + 1 : 0;
    if (quick === 0) await delay(50);
  }
  return performance.now() - startMs;
}

/** Every example that was acknowledged says what was sent; of edits of one example the newest acknowledged one, or a later one, stands. */
async function lostOf(origin: string, keys: readonly string[], { added, edited }: LoadReport): Promise<readonly string[]> {
  const lost: string[] = [];
  const shown = async (id: string, at: number): Promise<string> =>
    (await get(origin, keys[at % keys.length] ?? "", `/examples/${id}`)).text;
  for (const [at, { id, text }] of added.entries()) if (!(await shown(id, at)).includes(JSON.stringify(text))) lost.push(`example ${id}`);
  const newest = new Map<string, (typeof edited)[number]>();
  for (const edit of edited) if (edit.rev > (newest.get(edit.id)?.rev ?? 0)) newest.set(edit.id, edit);
  for (const [at, { id, rev, topic }] of [...newest.values()].entries()) {
    const { example }: { readonly example: { readonly rev: number; readonly topic?: string } } = JSON.parse(await shown(id, at));
    if (example.rev < rev || (example.rev === rev && example.topic !== topic)) lost.push(`edit ${rev} of ${id}`);
  }
  return lost;
}

async function get(origin: string, key: string, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${origin}/api/training-data${path}`, { headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, text: await answer.text() };
}

async function load(plan: LoadPlan): Promise<LoadReport> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", loader, JSON.stringify(plan)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const [code] = await once(child, "close");
  running.delete(child);
  if (code !== 0) throw new Error(`the load ended with ${String(code)}`);
  return JSON.parse(text);
}

function print({ kinds, lateMs, refusedMs, refusals }: LoadReport): void {
  const row = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(" | ")} |`);
  row("kind", "sent", "p50", "p90", "p99", "p99.9", "max, ms", "statuses");
  row("---", "---:", "---:", "---:", "---:", "---:", "---:", "---");
  const cells = ({ p50, p90, p99, p999, max }: Spread): readonly number[] => [p50, p90, p99, p999, max];
  for (const [kind, { sent, ms, statuses }] of Object.entries(kinds).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const counts = Object.entries(statuses).map(([status, times]) => `${status}: ${times}`);
    row(kind, sent, ...cells(ms), counts.join(", "));
  }
  const refused = Object.values(refusals).reduce((sum, times) => sum + times, 0);
  if (refused > 0) row("refused", refused, ...cells(refusedMs), "");
  row("sent late by", "", ...cells(lateMs), "");
  for (const [why, times] of Object.entries(refusals)) console.log(`\n${times} × ${why}`);
}

async function withCopy(folder: string, work: (copy: string) => Promise<void>): Promise<void> {
  const copy = mkdtempSync(join(home, "copy-"));
  try {
    await cp(folder, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
    await work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function makeKeys(folder: string): Promise<readonly string[]> {
  const workspace = await openWorkspace(folder, { toolVersion: "bench" });
  try {
    const host = { folder, workspace: async () => workspace };
    const keys: string[] = [];
    for (let i = 0; i < CALLERS; i++)
      keys.push((await callOperation("key.create", { name: `bench-${i}`, role: "admin" }, host, { actor: "user:bench" })).key);
    return keys;
  } finally {
    await workspace.close();
  }
}

/** Sends a file until it is told to stop. */
async function importFile(origin: string, key: string, signal: AbortSignal): Promise<void> {
  const path = join(home, "import-rows.jsonl");
  if (!existsSync(path)) await pipeline(Readable.from(linesOf(IMPORTED_ROWS)), createWriteStream(path));
  await fetch(`${origin}/api/training-data/import?source=bench`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
    body: createReadStream(path),
    duplex: "half",
    signal,
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Of the same sort as what is in the pool: a filter that many of its rows fit is fit by many of these. */
function* linesOf(count: number): Generator<string> {
  let some = "";
  let at = 0;
  for (const { messages } of chatRecords(count, 11)) {
    at++;
    const of = (...values: readonly string[]): string => values[at % values.length] ?? "";
    const said = { tags: [of("code", "reasoning", "creative", "factual")], complexity: 1 + (at % 10), metadata: { model: of("m0", "m1") } };
    const named = {
      domain: of("code", "reasoning", "creative"),
      type: of("insight", "casual", "reply"),
      project: of("meadow", "pond", "barn"),
    };
    some += `${JSON.stringify({ kind: "chat", messages, ...said, ...named })}\n`;
    if (some.length < 1e6) continue;
    yield some;
    some = "";
  }
  yield some;
}

async function examplesOf(origin: string, key: string): Promise<number> {
  const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  return Number(/^tilth_pool_examples (\d+)/m.exec(await answer.text())?.[1] ?? 0);
}

async function rowsASecond(count: () => Promise<number>, during: () => Promise<void>): Promise<number> {
  const [first, startMs] = [await count(), performance.now()];
  await during();
  return ((await count()) - first) / ((performance.now() - startMs) / 1_000);
}

interface Usage {
  readonly bytes: number;
  readonly cpuSeconds: number;
  readonly processes: number;
}

/** Of the server and of the processes it started, as Linux tells it. */
function usageOf(pid: number): Usage {
  const all = [pid, ...childrenOf(pid)].map((one) => {
    const status = readFileSync(`/proc/${one}/status`, "utf8");
    const [, ticks = ""] = readFileSync(`/proc/${one}/stat`, "utf8").split(") ");
    const fields = ticks.split(" ");
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    return { bytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1_024, cpuSeconds };
  });
  return {
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    processes: all.length,
  };
}

function childrenOf(pid: number): readonly number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number));
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
