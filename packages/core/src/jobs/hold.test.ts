import { afterEach, beforeEach, expect, test } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../storage/sqlite.ts";
import type { Storage } from "../storage/storage.ts";
import type { ClaimedJob } from "./hold.ts";
import { claimJob, endJob, releaseJobsOf, renewJob } from "./hold.ts";
import type { Job } from "./job.ts";
import { cancelJob, createJob, findJob } from "./jobs.ts";

let folder: string;
let storage: Storage;
let nowMs: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-jobs-"));
  storage = await openSqlite(join(folder, "pool.db"));
  nowMs = 1_000;
});
afterEach(async () => {
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

const create = (id: string): Promise<Job> =>
  createJob(storage, { id, operation: "version.verify", input: {}, actor: "user:ana", atMs: nowMs });
const claim = (by = "a"): Promise<ClaimedJob | undefined> => claimJob(storage, { by, leaseMs: 30_000, nowMs });
const renew = (claimed: ClaimedJob): Promise<string> => renewJob(storage, claimed, { nowMs, leaseMs: 30_000 });
const failure = { code: "storage/busy", message: "It was busy.", details: { path: "pool.db", reason: "locked" } } as const;

async function held(id: string): Promise<ClaimedJob> {
  await create(id);
  const claimed = await claim();
  if (claimed?.job.id !== id) throw new Error(`${id} was not claimed`);
  return claimed;
}

test("the job that has been due longest is claimed first, and none twice", async () => {
  expect(await claim()).toBeUndefined();
  await create("2");
  nowMs += 5;
  await create("1");
  const first = await claim();
  expect(first?.job).toMatchObject({ id: "2", status: "running", attempts: 1, startedAtMs: 1_005, createdAtMs: 1_000 });
  expect((await claim())?.job.id).toBe("1");
  expect(await claim()).toBeUndefined();
  expect(first?.job).toEqual(await findJob(storage, "2"));
});

test("among several claimers in several processes each job has one holder", async () => {
  const ids = Array.from({ length: 12 }, (_, i) => `job-${10 + i}`);
  for (const id of ids) await create(id);
  const others = await Promise.all([openSqlite(join(folder, "pool.db")), openSqlite(join(folder, "pool.db"))]);
  const claimed = await Promise.all(
    [storage, ...others].flatMap((one, by) => ids.map(() => claimJob(one, { by: `${by}`, leaseMs: 30_000, nowMs }))),
  );
  expect(claimed.flatMap((one) => (one === undefined ? [] : [one.job.id])).toSorted()).toEqual(ids);
  await Promise.all(others.map((other) => other.close()));
});

test("what a holder said last is what is shown", async () => {
  const claimed = await held("j");
  const progress = { step: "reading posts.csv", done: 5, total: 10, unit: "bytes" } as const;
  nowMs += 1_000;
  expect(await renewJob(storage, claimed, { nowMs, leaseMs: 30_000, progress, remarks: ["3 rows are refused."] })).toBe("mine");
  nowMs += 1_000;
  expect(await renew(claimed)).toBe("mine");
  expect(await findJob(storage, "j")).toMatchObject({ progress, remarks: ["3 rows are refused."], updatedAtMs: 3_000 });
});

test("a result is kept as it came, and the job is done", async () => {
  const claimed = await held("j");
  nowMs += 9;
  expect(await endJob(storage, claimed, { nowMs, outcome: { result: { rows: 2, list: [null, 1.5, "ö\ud800"] } } })).toBe(true);
  const job = await findJob(storage, "j");
  expect(job).toMatchObject({ status: "done", result: { rows: 2, list: [null, 1.5, "ö\ud800"] }, endedAtMs: 1_009 });
  expect(Object.keys(Object(job.result))).toEqual(["rows", "list"]);
  expect(await claim()).toBeUndefined();
  expect([await renew(claimed), await endJob(storage, claimed, { nowMs, outcome: "cancelled" })]).toEqual(["lost", false]);
});

test("an attempt that failed is tried again when it is due, and shows why", async () => {
  const claimed = await held("j");
  await endJob(storage, claimed, { nowMs, outcome: { again: { atMs: nowMs + 2_000, error: failure } } });
  expect(await findJob(storage, "j")).toMatchObject({ status: "waiting", attempts: 1, error: failure });
  expect(await claim()).toBeUndefined();
  nowMs += 2_000;
  const again = await claim();
  expect(again?.job).toMatchObject({ attempts: 2, startedAtMs: 1_000 });
  if (again !== undefined) await endJob(storage, again, { nowMs, outcome: { result: 1 } });
  const { error, result } = await findJob(storage, "j");
  expect([error, result]).toEqual([undefined, 1]);
});

test("a job that failed says what of, and stays", async () => {
  const claimed = await held("j");
  await endJob(storage, claimed, { nowMs, outcome: { error: failure } });
  expect(await findJob(storage, "j")).toMatchObject({ status: "failed", error: failure, endedAtMs: 1_000 });
  expect(await claim()).toBeUndefined();
});

test("a job that was let go waits again, and the attempt does not count", async () => {
  const claimed = await held("j");
  await endJob(storage, claimed, { nowMs, outcome: "released" });
  expect(await findJob(storage, "j")).toMatchObject({ status: "waiting", attempts: 0 });
  expect((await claim())?.job.attempts).toBe(1);
});

test("a holder that did not renew in time has lost the job to the next, whatever it does", async () => {
  const slow = await held("j");
  nowMs += 29_999;
  expect(await claim("b")).toBeUndefined();
  nowMs += 1;
  const next = await claim("b");
  expect(next?.job).toMatchObject({ id: "j", attempts: 2 });
  expect(next?.token).toBeGreaterThan(slow.token);
  expect([await renew(slow), await endJob(storage, slow, { nowMs, outcome: { result: "stale" } })]).toEqual(["lost", false]);
  if (next !== undefined) expect(await endJob(storage, next, { nowMs, outcome: { result: "mine" } })).toBe(true);
  expect((await findJob(storage, "j")).result).toBe("mine");
});

test("a renewed lease is not taken", async () => {
  const claimed = await held("j");
  nowMs += 20_000;
  await renew(claimed);
  nowMs += 20_000;
  expect(await claim("b")).toBeUndefined();
});

test("a running job is told to stop, and is cancelled by its holder", async () => {
  const claimed = await held("j");
  expect(await cancelJob(storage, "j", nowMs)).toMatchObject({ status: "running", isCancelling: true });
  expect(await renew(claimed)).toBe("cancel");
  expect(await endJob(storage, claimed, { nowMs, outcome: "cancelled" })).toBe(true);
  expect(await findJob(storage, "j")).toMatchObject({ status: "cancelled", isCancelling: false, endedAtMs: 1_000 });
});

test("a job that was to stop is never begun again: not after a failure, not when it is let go, not when its holder is gone", async () => {
  const outcomes = [{ again: { atMs: nowMs, error: failure } }, "released"] as const;
  for (const [i, outcome] of outcomes.entries()) {
    const claimed = await held(`j${i}`);
    await cancelJob(storage, claimed.job.id, nowMs);
    await endJob(storage, claimed, { nowMs, outcome });
    expect((await findJob(storage, claimed.job.id)).status).toBe("cancelled");
  }
  await held("left");
  await cancelJob(storage, "left", nowMs);
  nowMs += 60_000;
  await create("other");
  expect((await claim("b"))?.job.id).toBe("other");
  expect(await findJob(storage, "left")).toMatchObject({ status: "cancelled", endedAtMs: 61_000 });
});

test("what came out before a job could be stopped is kept", async () => {
  const claimed = await held("j");
  await cancelJob(storage, "j", nowMs);
  await endJob(storage, claimed, { nowMs, outcome: { result: 1 } });
  expect(await findJob(storage, "j")).toMatchObject({ status: "done", result: 1, isCancelling: false });
});

test("what a dead holder left is due at once, what others hold is not", async () => {
  const left = await held("left");
  await create("other");
  await claim("b");
  expect(await releaseJobsOf(storage, "a", nowMs)).toBe(1);
  expect(await releaseJobsOf(storage, "nobody", nowMs)).toBe(0);
  const next = await claim("c");
  expect(next?.job).toMatchObject({ id: "left", attempts: 1 });
  expect(await endJob(storage, left, { nowMs, outcome: "released" })).toBe(false);
  expect(await claim("c")).toBeUndefined();
});
