import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorkspace } from "@tilth/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { startServer } from "./serve.ts";
import { eventsOf } from "./test-events.ts";
import { chats, jsonLines } from "./test-server.ts";

const ROWS = 4_000;
const LONG_MS = 50_000;

let folder: string;
const servers: RunningServer[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-processes-"));
  await createWorkspace(folder, { packs: [] });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const server of servers.splice(0)) await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(limits: Parameters<typeof startServer>[0]["limits"] = {}): Promise<RunningServer> {
  // The machine of the tests may be busy with others.
  const server = await startServer({
    folder,
    port: 0,
    toolVersion: "0.0.0",
    limits: { loopDelayMs: Infinity, jobsRestMs: Infinity, ...limits },
  });
  servers.push(server);
  return server;
}

async function stop(server: RunningServer): Promise<void> {
  servers.splice(servers.indexOf(server), 1);
  await server.close();
}

const at = (address: string, path: string): string => `${address}/api/training-data${path}`;

function importInto(address: string, dataset: string, headers: Record<string, string> = {}, rows = chats(ROWS)): Promise<Response> {
  return fetch(at(address, `/import?dataset=${dataset}`), { method: "POST", body: jsonLines(rows), headers });
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
const jsonOf = async (response: Response): Promise<any> => response.json();

/** Begins an import. */
async function queued(address: string, dataset: string, rows?: readonly object[]): Promise<string> {
  return (await jsonOf(await importInto(address, dataset, { prefer: "respond-async" }, rows))).id;
}

/** Begins an import and comes back once rows of it are stored. */
async function begun(address: string, dataset: string, rows?: readonly object[]): Promise<string> {
  const id = await queued(address, dataset, rows);
  for await (const { data } of eventsOf(await fetch(at(address, `/jobs/${id}/events`)))) if (data.progress?.done > 0) break;
  return id;
}

async function endOf(address: string, id: string): Promise<Record<string, unknown>> {
  let job: Record<string, unknown> = {};
  await expect
    .poll(async () => (job = await jsonOf(await fetch(at(address, `/jobs/${id}`))))["status"], { timeout: LONG_MS, interval: 100 })
    .toMatch(/^(?:done|failed|cancelled)$/);
  return job;
}

async function members(address: string, dataset: string): Promise<number> {
  return (await jsonOf(await fetch(at(address, `/datasets/${dataset}`)))).members;
}

/** Processes of heavy work that a process has started. */
async function helpersOf(parent: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const [stat, command] = await Promise.all(["stat", "cmdline"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")));
    const parentOf = Number(stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (parentOf === parent && command?.includes("operation-process") === true) found.push(Number(pid));
  }
  return found;
}

/** A server that can be killed. */
async function startApart(): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const child = fork(new URL("test-serve.ts", import.meta.url), [folder], {
    execArgv: ["--conditions=tilth-source"],
    stdio: ["ignore", 2, 2, "ipc"],
  });
  children.push(child);
  const [address] = await once(child, "message");
  return { child, address: String(address) };
}

describe("a job in a process of its own", () => {
  test("tells how far it is as it goes on, and is answered when it is done", async () => {
    const { address } = await start();
    const listening = await fetch(at(address, "/jobs/events"));
    const answer = importInto(address, "garden");
    const seen: number[] = [];
    for await (const { event, data } of eventsOf(listening)) {
      if (data.progress !== undefined) seen.push(data.progress.done);
      if (event === "end") break;
    }
    expect(await jsonOf(await answer)).toMatchObject({ accepted: ROWS });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  test("stops when it is cancelled; what it has stored stays", async () => {
    const { address } = await start();
    const id = await begun(address, "garden", chats(40_000));
    const cancelled = await jsonOf(await fetch(at(address, `/jobs/${id}/cancel`), { method: "POST" }));
    expect(cancelled).toMatchObject({ status: "running", cancelling: true });
    expect(await endOf(address, id)).toMatchObject({ status: "cancelled", cancelling: false });
    const stored = await members(address, "garden");
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(40_000);
    expect(await readdir(join(folder, ".tilth", "uploads", "bodies"))).toEqual([]);
  });

  test("is one of two at once, and requests are answered meanwhile", async () => {
    const { address } = await start();
    const ids = await Promise.all(["one", "two", "three"].map(async (name, turn) => queued(address, name, chats(ROWS, turn * ROWS))));
    await expect.poll(async () => (await fetch(`${address}/metrics`)).text(), { timeout: LONG_MS }).toMatch(/tilth_jobs_running 2/);
    expect((await fetch(at(address, "/stats"))).status).toBe(200);
    expect(await (await fetch(`${address}/metrics`)).text()).toMatch(/tilth_queue_depth [01]/);
    for (const id of ids) expect(await endOf(address, id)).toMatchObject({ status: "done", result: { accepted: ROWS } });
  });

  test("ends for a reader's sake alone: what only reads is cancelled when nobody waits for it", async () => {
    const { address } = await start();
    await importInto(address, "garden");
    await fetch(at(address, "/datasets/garden/versions"), { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    const leaving = new AbortController();
    const listening = await fetch(at(address, "/jobs/events"));
    const answer = fetch(at(address, "/verify"), {
      method: "POST",
      body: '{"level":"deep"}',
      headers: { "content-type": "application/json" },
      signal: leaving.signal,
    }).catch(() => undefined);
    let status: string | undefined;
    for await (const { event, data } of eventsOf(listening)) {
      if (data.operation !== "version.verify") continue;
      leaving.abort();
      if (event !== "end") continue;
      status = data.status;
      break;
    }
    await answer;
    expect(["cancelled", "done"]).toContain(status);
  });
});

describe.skipIf(process.platform !== "linux")("where something is killed", () => {
  test("a job whose process dies is done by the next attempt, and counts everything once", async () => {
    const { address } = await start();
    const id = await begun(address, "garden", chats(10_000));
    const [pid = 0] = await helpersOf(process.pid);
    process.kill(pid, "SIGKILL");
    const job = await endOf(address, id);
    expect(job).toMatchObject({ status: "done", attempts: 2, result: { read: 10_000, accepted: 10_000, duplicate: 0 } });
    expect(job["error"]).toBeUndefined();
    expect(await members(address, "garden")).toBe(10_000);
    expect((await jsonOf(await fetch(`${address}/health`))).degraded).toEqual([]);
  });

  test("a job whose server dies is done by the next one, and nobody goes on with it beside", async () => {
    const { child, address } = await startApart();
    const id = await begun(address, "garden", chats(10_000));
    const helpers = await helpersOf(child.pid ?? 0);
    expect(helpers).toHaveLength(1);
    child.kill("SIGKILL");
    await once(child, "exit");
    const next = await start();
    const job = await endOf(next.address, id);
    expect(job).toMatchObject({ status: "done", result: { read: 10_000, accepted: 10_000, duplicate: 0 } });
    expect(await members(next.address, "garden")).toBe(10_000);
    await expect.poll(() => readFile(`/proc/${helpers[0]}/stat`, "utf8").catch(() => "gone"), { timeout: 10_000 }).toMatch(/^gone$|\) Z /);
  });

  test("the server itself never loads what heavy work needs", async () => {
    const { child, address } = await startApart();
    const maps = async (pid: number): Promise<string> => readFile(`/proc/${pid}/maps`, "utf8");
    await importInto(address, "garden", {}, chats(200));
    const json = { "content-type": "application/json" };
    await fetch(at(address, "/datasets/garden/versions"), { method: "POST", body: "{}", headers: json });
    const exported = await fetch(at(address, "/datasets/garden/export?format=parquet&download=train"));
    expect([exported.status, (await exported.bytes()).length > 1_000]).toEqual([200, true]);
    const data = await jsonOf(await fetch(at(address, "/datasets/garden/data?limit=3")));
    expect(JSON.stringify(data)).toContain("bean number");
    expect((await jsonOf(await fetch(`${address}/health`))).status).toBe("healthy");
    expect((await fetch(at(address, "/doctor"))).status).toBe(200);
    const helpers = await Promise.all((await helpersOf(child.pid ?? 0)).map(maps));
    expect(helpers.some((text) => text.includes("duckdb"))).toBe(true);
    expect(await maps(child.pid ?? 0)).not.toContain("duckdb");
  });
});

describe("a server that is stopped in the middle of a job", () => {
  test("tells who waits where the job is, and the next server does it", async () => {
    const first = await start({ drainMs: 100 });
    const waiting = importInto(first.address, "garden", {}, chats(10_000));
    let id = "";
    for await (const { data } of eventsOf(await fetch(at(first.address, "/jobs/events")))) {
      id = data.id;
      if (data.progress?.done > 0) break;
    }
    await stop(first);
    const told = await waiting;
    expect([told.status, told.headers.get("location"), told.headers.get("retry-after")]).toEqual([
      503,
      `/api/training-data/jobs/${id}`,
      "10",
    ]);
    expect(await jsonOf(told)).toMatchObject({ code: "job/interrupted", details: { job: id } });
    const second = await start();
    expect(await endOf(second.address, id)).toMatchObject({
      status: "done",
      attempts: 1,
      result: { read: 10_000, accepted: 10_000, duplicate: 0 },
    });
    expect(await members(second.address, "garden")).toBe(10_000);
  });

  test("gives the answer to who asks the next one with the same Idempotency-Key", async () => {
    const rows = chats(8_000);
    const first = await start({ drainMs: 100 });
    const waiting = importInto(first.address, "garden", { "idempotency-key": "once" }, rows);
    for await (const { data } of eventsOf(await fetch(at(first.address, "/jobs/events")))) if (data.progress?.done > 0) break;
    await stop(first);
    const { details } = await jsonOf(await waiting);
    const second = await start();
    const again = await importInto(second.address, "garden", { "idempotency-key": "once" }, rows);
    expect([again.status, await jsonOf(again)]).toEqual([200, expect.objectContaining({ accepted: 8_000 })]);
    const { jobs } = await jsonOf(await fetch(at(second.address, "/jobs")));
    expect(jobs.map(({ id }: { id: string }) => id)).toEqual([details.job]);
  });
});
