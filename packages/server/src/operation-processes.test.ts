import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorkspace } from "@tilth/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openOperationProcesses } from "./operation-processes.ts";
import type { HeavyCall, Listening, Runner } from "./operation-runner.ts";
import { chats, jsonLines } from "./test-server.ts";

let folder: string;
let runner: Runner;
let isBusy = false;
const logged: object[] = [];

beforeEach(async () => {
  isBusy = false;
  logged.length = 0;
  folder = await mkdtemp(join(tmpdir(), "tilth-helpers-"));
  await createWorkspace(folder, { packs: [] });
  runner = openOperationProcesses({
    folder,
    toolVersion: "0.0.0",
    isBusy: () => isBusy,
    log: { error: (facts) => logged.push(facts) },
  });
});
afterEach(async () => {
  await runner.close();
  await rm(folder, { recursive: true, force: true });
});

const actor = "user:test";
const free = (): Listening => ({ signal: new AbortController().signal });
const stats: HeavyCall = { operation: "pool.stats", input: {}, actor };

async function importCall(rows: number): Promise<HeavyCall> {
  const path = join(folder, "rows.jsonl");
  await writeFile(path, jsonLines(chats(rows)));
  return { operation: "example.import", input: {}, actor, body: { path, name: "rows.jsonl" } };
}

async function helpers(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of await readdir("/proc")) {
    const command = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") : "";
    if (command.includes("operation-process") && command.includes(folder)) found.push(Number(pid));
  }
  return found;
}

test("an operation is carried out elsewhere, and its refusal comes back as it was thrown", async () => {
  expect(await runner.call("aside", stats, free())).toMatchObject({ examples: 0 });
  const refused = { operation: "dataset.show", input: { dataset: "nobody" }, actor };
  await expect(runner.call("aside", refused, free())).rejects.toMatchObject({
    name: "TilthError",
    code: "dataset/not-found",
    kind: "not-found",
    message: expect.stringContaining("nobody"),
  });
  await expect(runner.call("aside", { ...stats, operation: "nothing.here" }, free())).rejects.toMatchObject({ code: "input/invalid" });
  expect(logged).toEqual([]);
});

test("the limit of a caller holds there too", async () => {
  const limited = { operation: "dataset.show", input: { dataset: "other" }, actor, datasets: ["own"] };
  await expect(runner.call("aside", limited, free())).rejects.toMatchObject({ code: "auth/dataset-forbidden" });
});

test("progress is told on the way, its last state before the end", async () => {
  const told: number[] = [];
  const call = await importCall(3_000);
  const report = await runner.call("job", call, { ...free(), progress: ({ done }) => told.push(done) });
  expect(report).toMatchObject({ accepted: 3_000, file: "rows.jsonl" });
  expect(told.at(-1)).toBe((await readFile(call.body?.path ?? "")).length);
});

test("a job that is told to rest gets on all the same", async () => {
  isBusy = true;
  expect(await runner.call("job", await importCall(2_500), free())).toMatchObject({ accepted: 2_500 });
});

test("what is told to stop stops", async () => {
  const stop = new AbortController();
  const call = runner.call("job", await importCall(50_000), { signal: stop.signal, progress: () => stop.abort() });
  const [done] = await Promise.allSettled([call]);
  expect(done.status === "rejected" ? done.reason : done.value).toMatchObject(
    done.status === "rejected" ? { name: "AbortError" } : { stopped: true },
  );
  await expect(runner.call("job", stats, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});

test.skipIf(process.platform !== "linux")("jobs have a process each, what somebody waits for has one together", async () => {
  const call = await importCall(2_000);
  const both = [call, { ...call, input: { dryRun: true } }].map((one) => runner.call("job", one, free()));
  const asides = [stats, stats, stats].map((one) => runner.call("aside", one, free()));
  expect(await helpers()).toHaveLength(3);
  await Promise.all([...both, ...asides]);
  await runner.call("job", stats, free());
  expect(await helpers()).toHaveLength(3);
  await runner.close();
  await expect.poll(helpers).toEqual([]);
});

test.skipIf(process.platform !== "linux")("a process that ends before it says a word is told of, until one does", async () => {
  const call = runner.call("job", stats, free());
  const [pid = 0] = await helpers();
  process.kill(pid, "SIGKILL");
  await expect(call).rejects.toMatchObject({ code: "job/process-ended", kind: "limit" });
  expect(runner.problem()).toBe("it was ended by SIGKILL");
  await runner.call("job", stats, free());
  expect(runner.problem()).toBeUndefined();
});
