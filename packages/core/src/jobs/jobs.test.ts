import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqlite } from "../storage/sqlite.ts";
import type { Storage } from "../storage/storage.ts";
import { claimJob, endJob } from "./hold.ts";
import { showJob } from "./job.ts";
import type { Job, JobStatus } from "./job.ts";
import type { NewJob } from "./jobs.ts";
import { cancelJob, countJobs, createJob, findJob, listJobs, retryJob, sweepJobs } from "./jobs.ts";

let folder: string;
let storage: Storage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-jobs-"));
  storage = await openSqlite(join(folder, "pool.db"));
});
afterEach(async () => {
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

const verify = { operation: "version.verify", input: { level: "quick" }, actor: "user:ana" } as const;
const create = (id: string, atMs: number, more: Partial<NewJob> = {}): Promise<Job> => createJob(storage, { id, ...verify, atMs, ...more });
const failure = { code: "storage/full", message: "The disk is full.", details: {} } as const;

async function end(id: string, outcome: "cancelled" | { readonly error: typeof failure } | { readonly result: number }): Promise<void> {
  const claimed = await claimJob(storage, { by: "a", leaseMs: 30_000, nowMs: 10_000 });
  if (claimed?.job.id !== id) throw new Error(`${id} was not the next`);
  await endJob(storage, claimed, { nowMs: 10_000, outcome });
}

test("a job that was kept is found again after closing, with everything it needs", async () => {
  const body = { path: join(folder, "body"), name: "posts.csv", isOwned: true };
  const made = await create("j", 5, { body, datasets: ["support", "Support"] });
  expect(made).toEqual({
    id: "j",
    ...verify,
    body,
    datasets: ["support", "Support"],
    status: "waiting",
    remarks: [],
    attempts: 0,
    isCancelling: false,
    createdAtMs: 5,
    dueAtMs: 5,
    updatedAtMs: 5,
  });
  await storage.close();
  storage = await openSqlite(join(folder, "pool.db"));
  expect(await findJob(storage, "j")).toEqual(made);
  await expect(findJob(storage, "k")).rejects.toMatchObject({ code: "job/not-found" });
});

test("lists jobs newest first, page by page, also those of one millisecond", async () => {
  for (const [id, atMs] of [
    ["a", 1],
    ["d", 2],
    ["b", 2],
    ["c", 3],
    ["e", 2],
  ] as const)
    await create(id, atMs);
  const pages: string[][] = [];
  for (let cursor: string | undefined, isMore = true; isMore; isMore = cursor !== undefined) {
    const { jobs, next } = await listJobs(storage, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(jobs.map(({ id }) => id));
    cursor = next;
  }
  expect(pages).toEqual([["c", "e"], ["d", "b"], ["a"]]);
  await expect(listJobs(storage, { limit: 2, cursor: "x" })).rejects.toMatchObject({ code: "input/invalid" });
});

test("lists the jobs of one state, one operation, one actor", async () => {
  await create("a", 1);
  await create("b", 2, { operation: "example.import" });
  await create("c", 3, { actor: "key:ci" });
  await cancelJob(storage, "a", 4);
  const ids = async (filter: { readonly status?: JobStatus; readonly operation?: string; readonly actor?: string }): Promise<string[]> =>
    (await listJobs(storage, { limit: 10, ...filter })).jobs.map(({ id }) => id);
  expect(await ids({ status: "waiting" })).toEqual(["c", "b"]);
  expect(await ids({ operation: "example.import" })).toEqual(["b"]);
  expect(await ids({ actor: "key:ci" })).toEqual(["c"]);
  expect(await ids({ actor: "user:ana", status: "cancelled" })).toEqual(["a"]);
});

test("a waiting job is cancelled at once and never claimed, and cancelling it twice is no mistake", async () => {
  await create("j", 1);
  expect(await cancelJob(storage, "j", 7)).toMatchObject({ status: "cancelled", endedAtMs: 7 });
  expect(await cancelJob(storage, "j", 8)).toMatchObject({ status: "cancelled", endedAtMs: 7 });
  expect(await claimJob(storage, { by: "a", leaseMs: 1, nowMs: 10 })).toBeUndefined();
  await expect(cancelJob(storage, "k", 7)).rejects.toMatchObject({ code: "job/not-found" });
});

test("what has ended otherwise cannot be cancelled", async () => {
  await create("j", 1);
  await end("j", { result: 1 });
  await expect(cancelJob(storage, "j", 7)).rejects.toMatchObject({ code: "job/not-cancellable", details: { job: "j", status: "done" } });
});

test("a job that failed or was cancelled is tried again from its first attempt", async () => {
  await create("j", 1);
  await end("j", { error: failure });
  const again = await retryJob(storage, "j", 20_000);
  expect(again).toMatchObject({ status: "waiting", attempts: 0, dueAtMs: 20_000, createdAtMs: 1 });
  expect([again.error, again.endedAtMs]).toEqual([undefined, undefined]);
  await cancelJob(storage, "j", 20_001);
  expect((await retryJob(storage, "j", 20_002)).status).toBe("waiting");
  await expect(retryJob(storage, "j", 20_003)).rejects.toMatchObject({ code: "job/not-retryable", details: { status: "waiting" } });
});

test("a job whose bytes are gone is not tried again", async () => {
  const path = join(folder, "body");
  await writeFile(path, "{}");
  await create("j", 1, { body: { path, name: "a.jsonl", isOwned: true } });
  await cancelJob(storage, "j", 2);
  expect((await retryJob(storage, "j", 3)).status).toBe("waiting");
  await cancelJob(storage, "j", 4);
  await rm(path);
  await expect(retryJob(storage, "j", 5)).rejects.toMatchObject({ code: "job/body-gone" });
});

test("counts what is to do, and takes away what ended long ago", async () => {
  expect(await countJobs(storage)).toEqual({ waiting: 0, running: 0 });
  for (const id of ["a", "b", "c", "d"]) await create(id, 1);
  await cancelJob(storage, "a", 100);
  await cancelJob(storage, "b", 200);
  await claimJob(storage, { by: "a", leaseMs: 1, nowMs: 1 });
  expect(await countJobs(storage)).toEqual({ waiting: 1, running: 1 });
  expect(await sweepJobs(storage, { endedBeforeMs: 200 })).toBe(1);
  expect((await listJobs(storage, { limit: 10 })).jobs.map(({ id }) => id)).toEqual(["d", "c", "b"]);
});

test("what another version or a hand wrote into a row is left out, and nothing of a limit is lost with it", async () => {
  await create("j", 1, { datasets: ["support"] });
  const database = new DatabaseSync(join(folder, "pool.db"), { timeout: 10_000 });
  database.exec("PRAGMA ignore_check_constraints = ON");
  database.exec(
    `UPDATE job SET status = 'paused', input = '[', datasets = '{', progress = '{"unit":"parsecs"}', remarks = '7', error = '1', result = '{', body = '{}'`,
  );
  database.close();
  const job = await findJob(storage, "j");
  expect(job).toMatchObject({ status: "failed", input: { unreadable: "[" }, datasets: [], remarks: [] });
  expect([job.progress, job.error, job.result, job.body]).toEqual([undefined, undefined, undefined, undefined]);
  expect((await listJobs(storage, { limit: 1 })).jobs).toEqual([job]);
});

test("is shown without the place of its body, and with its input only where that is asked for", async () => {
  const job = await create("j", 5, { body: { path: "/spool/secret", name: "posts.csv", isOwned: true }, datasets: ["support"] });
  const shown = { id: "j", operation: "version.verify", status: "waiting", actor: "user:ana", remarks: [], attempts: 0, cancelling: false };
  expect(showJob(job)).toEqual({ ...shown, createdAt: "1970-01-01T00:00:00.005Z" });
  expect(showJob(job, { withInput: true })).toEqual({ ...shown, input: { level: "quick" }, createdAt: "1970-01-01T00:00:00.005Z" });
});
