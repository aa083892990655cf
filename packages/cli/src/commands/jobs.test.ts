import type { Workspace } from "@tilth/core";
import { cancelJob, claimJob, createJob, endJob, openWorkspace, renewJob } from "@tilth/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
/** A server in the tests would take what is due: nothing here ever is, unless it has ended. */
const never = Date.UTC(2200);
beforeAll(async () => {
  program = await openTestProgram([]);
});
afterAll(() => program.end());

async function inPool(work: (storage: Awaited<ReturnType<Workspace["storage"]>>) => Promise<void>): Promise<void> {
  const workspace = await openWorkspace(program.folder, { toolVersion: "0.0.0" });
  try {
    await work(await workspace.storage());
  } finally {
    await workspace.close();
  }
}

test("without any says what becomes one", async () => {
  expect(await program.tilth("jobs")).toMatchObject({ code: 0, out: expect.stringContaining("No such job") });
  expect(await program.json(0, "jobs")).toEqual({ jobs: [] });
});

test("lists jobs, newest first, with state and how far they are", async () => {
  await inPool(async (storage) => {
    const asked = { operation: "example.import", input: { dataset: "posts" }, actor: "user:ana" };
    await createJob(storage, { id: "01FAILED", ...asked, atMs: 0 });
    const claimed = await claimJob(storage, { by: "a", leaseMs: 1e15, nowMs: 1 });
    if (claimed === undefined) throw new Error("there was nothing to claim");
    const progress = { step: "reading posts.csv", done: 5, total: 10, unit: "bytes", detail: "12,000 rows" } as const;
    await renewJob(storage, claimed, { nowMs: 2, leaseMs: 1e15, progress, remarks: ["A column is not read."] });
    const error = { code: "storage/full", message: "There is no room left.", details: {} };
    await endJob(storage, claimed, { nowMs: 3_000, outcome: { error } });
    await createJob(storage, { id: "01WAITS", operation: "version.verify", input: {}, actor: "key:ci", atMs: never });
  });
  const { out } = await program.tilth("jobs");
  expect(out).toMatch(/^Job +What +State +How far +Made\n01WAITS +version\.verify +waiting +2200-01-01 00:00\n/);
  expect(out).toContain("50 % · reading posts.csv");
  expect((await program.tilth("jobs", "--status", "failed")).out).not.toContain("01WAITS");
  expect(await program.json(0, "jobs", "--limit", "1")).toMatchObject({ jobs: [{ id: "01WAITS" }], next: expect.any(String) });
  expect(await program.tilth("jobs", "--limit", "1")).toMatchObject({ out: expect.stringContaining("--cursor ") });
});

test("shows one with what was asked, what was said and why it failed", async () => {
  const { out } = await program.tilth("jobs", "show", "01FAILED");
  expect(out).toMatch(/^example\.import 01FAILED\n +state +failed\n +how far +50 % · reading posts\.csv · 12,000 rows\n/);
  for (const told of ['{"dataset":"posts"}', "3.0 s", "There is no room left.", "A column is not read.", "tilth jobs retry 01FAILED"])
    expect(out).toContain(told);
  expect(await program.json(0, "jobs", "show", "01WAITS")).toMatchObject({ status: "waiting", input: {} });
});

test("cancels what waits, and lets it wait again", async () => {
  expect(await program.tilth("jobs", "cancel", "01WAITS")).toMatchObject({ code: 0, out: "✓ version.verify 01WAITS: cancelled\n" });
  const again = await program.tilth("jobs", "retry", "01WAITS");
  expect(again).toMatchObject({ code: 0, out: "✓ version.verify 01WAITS: waiting\n" });
  await inPool(async (storage) => void (await cancelJob(storage, "01WAITS", 1).catch(() => undefined)));
});

test.each([
  ["an unknown verb", ["jobs", "stop", "01WAITS"], 2, "stop"],
  ["a verb without a job", ["jobs", "cancel"], 2, "missing"],
  ["a job that is not there", ["jobs", "show", "01NOBODY"], 2, "01NOBODY"],
  ["to cancel what has ended", ["jobs", "cancel", "01FAILED"], 4, "failed"],
] as const)("refuses %s", async (_, args, code, told) => {
  expect(await program.tilth(...args)).toMatchObject({ code, err: expect.stringContaining(told) });
});
