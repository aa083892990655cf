// Applications capture over HTTP: `tilth serve` as a process, and a process beside it that sends batches of events over connections that stay
// open: chats of about 600 bytes, every fifth event a signal, each acknowledged only when it is durable. Prints acknowledged events a second, how
// long answers took, what the server used, and how long the spool took to drain; then looks for every acknowledged id in the pool.
// Server and sender share the machine.
// usage: npm run bench capture-http -- [--seconds 20] [--warmup 3] [--connections 8] [--batch 100] [--gzip] [--rate EVENTS_A_SECOND]
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { callOperation } from "../packages/core/src/operations/call.ts";
import { createUlids, systemClock, systemRandom } from "../packages/core/src/text/ulid.ts";
import { createWorkspace, openWorkspace } from "../packages/core/src/workspace.ts";
import { chatRecords } from "./chat-records.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    warmup: { type: "string", default: "3" },
    connections: { type: "string", default: "8" },
    batch: { type: "string", default: "100" },
    gzip: { type: "boolean", default: false },
    rate: { type: "string", default: "0" },
    profile: { type: "string" },
    send: { type: "string" },
    key: { type: "string" },
  },
});
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const batch = Number(values.batch);

/** What the sender tells when it is done. */
interface Sent {
  /** Acknowledged after the warm-up. */
  readonly events: number;
  readonly ids: readonly string[];
  readonly signals: readonly string[];
  readonly answersMs: readonly number[];
  readonly tookMs: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly cpuMs: number;
}

if (values.send === undefined) await measure();
else await send(values.send, values.key ?? "");

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tilth-capture-"));
  try {
    await createWorkspace(folder, { packs: ["assistant"] });
    const workspace = await openWorkspace(folder, { toolVersion: "bench" });
    const host = { folder, workspace: async () => workspace };
    const { key } = await callOperation("key.create", { name: "bench", role: "editor" }, host, { actor: "bench" });
    await workspace.close();
    const load = loadavg()[0]?.toFixed(2);
    console.log(
      `${seconds} s, ${connections} connections, batches of ${batch}${values.gzip ? ", packed" : ""}; ${cpus().length} × ${cpus()[0]?.model ?? "?"}, load before ${load}, Node ${process.versions.node}`,
    );
    const server = spawn(
      process.execPath,
      [
        ...(values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`]),
        fileURLToPath(new URL("../packages/cli/bin/tilth.js", import.meta.url)),
        "serve",
        "--port",
        "0",
        "--workspace",
        folder,
      ],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } },
    );
    const origin = await addressOf(server);
    const serverPid = server.pid ?? 0;
    const sender = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), "--send", origin, "--key", key], {
      serialization: "advanced",
    });
    const peak = { rssMb: 0 };
    const watch = setInterval(() => (peak.rssMb = Math.max(peak.rssMb, rssMbOf(serverPid))), 250);
    await once(sender, "message");
    const before = cpuMsOf(serverPid);
    const [sent]: [Sent] = JSON.parse(JSON.stringify(await once(sender, "message")));
    const cpuMs = cpuMsOf(serverPid) - before;
    report(sent, { cpuMs, rssMb: peak.rssMb });
    const drainMs = await drained(join(folder, ".tilth", "spool"));
    clearInterval(watch);
    console.log(
      `spool drained after ${(drainMs / 1_000).toFixed(1)} s; server ${Math.round(rssMbOf(serverPid))} MB then, ${Math.round(peak.rssMb)} MB at most`,
    );
    server.kill("SIGTERM");
    await once(server, "exit");
    lookFor(sent, join(folder, ".tilth", "pool.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function addressOf(server: ReturnType<typeof spawn>): Promise<string> {
  let said = "";
  server.stderr?.on("data", (piece: Buffer) => (said += piece.toString()));
  server.stdout?.on("data", (piece: Buffer) => (said += piece.toString()));
  for (let tries = 0; tries < 400; tries++) {
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
    if (origin !== undefined) return origin;
    await pause(50);
  }
  throw new Error(`the server does not say where it is: ${said}`);
}

function report(
  { events, answersMs, tookMs, refused, bytes, cpuMs: senderMs }: Sent,
  { cpuMs, rssMb }: { readonly cpuMs: number; readonly rssMb: number },
): void {
  const sorted = answersMs.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(1);
  console.log(
    `${Math.round(events / (tookMs / 1_000)).toLocaleString("en-US")} acknowledged events/s (${events.toLocaleString("en-US")}, a fifth of them signals), ${Math.round(bytes / events)} bytes each`,
  );
  console.log(`answers p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(0.999999)} ms; refused ${JSON.stringify(refused)}`);
  console.log(
    `server ${(cpuMs / tookMs).toFixed(2)} CPUs, ${((cpuMs * 1_000) / events).toFixed(1)} µs an event, ${Math.round(rssMb)} MB; sender ${(senderMs / tookMs).toFixed(2)} CPUs; load after ${loadavg()[0]?.toFixed(2)}`,
  );
}

async function drained(spool: string): Promise<number> {
  const startMs = performance.now();
  const left = (): readonly string[] => {
    try {
      return readdirSync(spool).filter((name) => name.endsWith(".spool"));
    } catch {
      return [];
    }
  };
  while (left().length > 0) await pause(20);
  return performance.now() - startMs;
}

function lookFor({ ids, signals }: Sent, pool: string): void {
  const database = new DatabaseSync(pool, { readOnly: true });
  const known = new Set<unknown>();
  for (const sql of ["SELECT id FROM example", "SELECT id FROM alias", "SELECT id FROM signal"]) {
    for (const row of database.prepare(sql).iterate()) known.add(row["id"]);
  }
  database.close();
  const lost = [...ids, ...signals].filter((id) => !known.has(id));
  console.log(
    lost.length === 0
      ? `all ${(ids.length + signals.length).toLocaleString("en-US")} acknowledged ids are in the pool`
      : `${lost.length} ACKNOWLEDGED IDS ARE LOST`,
  );
  if (lost.length > 0) process.exitCode = 1;
}

function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssMbOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
}

/** The sender: each connection sends the next batch when the last is answered, or when its turn comes where a rate is wanted. */
async function send(origin: string, key: string): Promise<void> {
  const newId = createUlids(systemClock, systemRandom);
  const chats = Array.from(chatRecords(2_000, 1), ({ messages }) =>
    JSON.stringify(messages).replace("You are a helpful assistant.", "You help who asks. Case §."),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const done = {
    ids: new Array<string>(),
    signals: new Array<string>(),
    answersMs: new Array<number>(),
    refused: newCounts(),
    bytes: 0,
  };
  let made = 0;
  const nextBatch = (): { readonly body: Buffer; readonly ids: readonly string[]; readonly signals: readonly string[] } => {
    const ids: string[] = [];
    const signals: string[] = [];
    const lines: string[] = [];
    const at = new Date().toISOString();
    for (let i = 0; i < batch; i++) {
      const id = newId();
      if (i % 5 === 4) {
        signals.push(id);
        lines.push(
          `{"kind":"signal","signal":{"id":"${id}","kind":"feedback","target":{"exampleId":"${ids.at(-1) ?? id}"},"action":"${i % 2 === 0 ? "positive" : "negative"}","actor":"person_${made % 997}","at":"${at}"}}`,
        );
        continue;
      }
      ids.push(id);
      const messages = (chats[made++ % chats.length] ?? "").replace("§", `${process.pid}-${made}`);
      lines.push(
        `{"kind":"example","example":{"kind":"chat","id":"${id}","messages":${messages},"source":"support-bot","createdAt":"${at}","metadata":{"model":"m1","latencyMs":${made % 900}}},"dataset":"live"}`,
      );
    }
    const text = Buffer.from(lines.join("\n"));
    return { body: values.gzip ? gzipSync(text, { level: 1 }) : text, ids, signals };
  };
  const rate = Number(values.rate);
  const startMs = performance.now() + Number(values.warmup) * 1_000;
  const untilMs = startMs + seconds * 1_000;
  const warm = { events: 0, answers: 0, bytes: 0, cpuMs: 0 };
  const warming = setTimeout(() => {
    const { user, system } = process.cpuUsage();
    Object.assign(warm, {
      events: done.ids.length + done.signals.length,
      answers: done.answersMs.length,
      bytes: done.bytes,
      cpuMs: (user + system) / 1_000,
    });
    process.send?.("warm");
  }, startMs - performance.now());
  await Promise.all(
    Array.from({ length: connections }, async (_, number) => {
      for (let turn = 0; performance.now() < untilMs; turn++) {
        if (rate > 0) await pause(Math.max(0, startMs + ((turn * connections + number) * batch * 1_000) / rate - performance.now()));
        const { body, ids, signals } = nextBatch();
        const sentMs = performance.now();
        const { status, text } = await post(origin, key, agent, body);
        done.answersMs.push(performance.now() - sentMs);
        done.bytes += body.length;
        const answer: { readonly accepted: number } | undefined = status === 200 ? JSON.parse(text) : undefined;
        if (answer?.accepted === batch) {
          done.ids.push(...ids);
          done.signals.push(...signals);
        } else {
          const reason = answer === undefined ? String(status) : text.slice(0, 200);
          done.refused[reason] = (done.refused[reason] ?? 0) + 1;
          if (status === 503 || status === 429) await pause(100);
        }
      }
    }),
  );
  const { user, system } = process.cpuUsage();
  clearTimeout(warming);
  const sent: Sent = {
    ...done,
    events: done.ids.length + done.signals.length - warm.events,
    answersMs: done.answersMs.slice(warm.answers),
    bytes: done.bytes - warm.bytes,
    tookMs: performance.now() - startMs,
    cpuMs: (user + system) / 1_000 - warm.cpuMs,
  };
  process.send?.(sent, () => process.disconnect());
  agent.destroy();
}

function newCounts(): Record<string, number> {
  return {};
}

function post(origin: string, key: string, agent: Agent, body: Buffer): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      "content-type": "application/x-ndjson",
      "content-length": body.length,
      ...(values.gzip ? { "content-encoding": "gzip" } : {}),
    };
    const sending = request(`${origin}/api/training-data/capture`, { method: "POST", agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }));
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
