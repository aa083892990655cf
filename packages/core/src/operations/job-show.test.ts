import { afterAll, beforeAll, expect, test } from "vitest";
import { claimJob, endJob, renewJob } from "../jobs/hold.ts";
import { createJob } from "../jobs/jobs.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const body = { path: "/spool/secret", name: "posts.csv", isOwned: true };
  const storage = await opened.workspace.storage();
  await createJob(storage, { id: "j", operation: "example.import", input: { dataset: "x" }, actor: "user:ana", body, atMs: 1 });
});
afterAll(() => opened.end());

test("shows what was asked, how far it is and what came of it, never where its bytes lie", async () => {
  const storage = await opened.workspace.storage();
  const claimed = await claimJob(storage, { by: "a", leaseMs: 1_000, nowMs: 2 });
  if (claimed === undefined) throw new Error("there was nothing to claim");
  const progress = { step: "reading posts.csv", done: 3, unit: "rows" } as const;
  await renewJob(storage, claimed, { nowMs: 3, leaseMs: 1_000, progress, remarks: ["Slow disk."] });
  const asked = { id: "j", operation: "example.import", actor: "user:ana", input: { dataset: "x" } };
  const shown = { ...asked, status: "running", progress, remarks: ["Slow disk."], attempts: 1, cancelling: false };
  const times = { createdAt: "1970-01-01T00:00:00.001Z", startedAt: "1970-01-01T00:00:00.002Z" };
  expect(await opened.call("job.show", { id: "j" })).toEqual({ ...shown, ...times });
  const error = { code: "format/unknown", message: "No format recognises these rows.", details: { keys: "a" } };
  await endJob(storage, claimed, { nowMs: 4, outcome: { error } });
  expect(await opened.call("job.show", { id: "j" })).toMatchObject({ status: "failed", error, endedAt: "1970-01-01T00:00:00.004Z" });
});

test("another's job is not there for a caller that reaches some datasets only", async () => {
  const datasets = new Set(["x"]);
  await expect(opened.call("job.show", { id: "j" }, { actor: "key:ci", datasets })).rejects.toMatchObject({ code: "job/not-found" });
  expect((await opened.call("job.show", { id: "j" }, { actor: "user:ana", datasets })).id).toBe("j");
  await expect(opened.call("job.show", { id: "k" })).rejects.toMatchObject({ code: "job/not-found" });
});
