import { afterAll, beforeAll, expect, test } from "vitest";
import { createJob } from "../jobs/jobs.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const job = { operation: "version.verify", input: {}, actor: "user:ana", atMs: 1 } as const;
  await createJob(await opened.workspace.storage(), { id: "j", ...job });
  await opened.call("job.cancel", { id: "j" });
});
afterAll(() => opened.end());

test("another's job is not there for a caller that reaches some datasets only", async () => {
  const limited = { actor: "key:ci", datasets: new Set(["x"]) };
  await expect(opened.call("job.retry", { id: "j" }, limited)).rejects.toMatchObject({ code: "job/not-found" });
  expect((await opened.call("job.show", { id: "j" })).status).toBe("cancelled");
});

test("a cancelled job waits again; one that waits already is refused", async () => {
  expect(await opened.call("job.retry", { id: "j" })).toMatchObject({ id: "j", status: "waiting", attempts: 0 });
  await expect(opened.call("job.retry", { id: "j" })).rejects.toMatchObject({ code: "job/not-retryable" });
});
