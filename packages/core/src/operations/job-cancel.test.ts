import { afterAll, beforeAll, expect, test } from "vitest";
import { claimJob, endJob } from "../jobs/hold.ts";
import { createJob } from "../jobs/jobs.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
});
afterAll(() => opened.end());

async function create(id: string, atMs: number): Promise<void> {
  await createJob(await opened.workspace.storage(), { id, operation: "version.verify", input: {}, actor: "user:ana", atMs });
}

test("stops what waits at once, what runs as soon as its holder hears, and nothing that has ended", async () => {
  const storage = await opened.workspace.storage();
  await create("waits", 5);
  expect(await opened.call("job.cancel", { id: "waits" })).toMatchObject({ id: "waits", status: "cancelled", cancelling: false });
  await create("runs", 5);
  const claimed = await claimJob(storage, { by: "a", leaseMs: 1_000, nowMs: 5 });
  expect(await opened.call("job.cancel", { id: "runs" })).toMatchObject({ status: "running", cancelling: true });
  if (claimed !== undefined) await endJob(storage, claimed, { nowMs: 6, outcome: { result: 1 } });
  await expect(opened.call("job.cancel", { id: "runs" })).rejects.toMatchObject({ code: "job/not-cancellable" });
});

test("another's job is not there for a caller that reaches some datasets only", async () => {
  await create("j", 7);
  const limited = { actor: "key:ci", datasets: new Set(["x"]) };
  await expect(opened.call("job.cancel", { id: "j" }, limited)).rejects.toMatchObject({ code: "job/not-found" });
  expect((await opened.call("job.show", { id: "j" })).status).toBe("waiting");
});
