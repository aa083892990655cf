import { z } from "zod";
import type { ShownJob } from "../jobs/job.ts";
import { jobSchema, showJob } from "../jobs/job.ts";
import { retryJob as retry } from "../jobs/jobs.ts";
import type { Operation } from "./operation.ts";
import { findReachedJob } from "./reached-job.ts";

const input = z.strictObject({ id: z.string().min(1).max(100) });

/** Runs a job that failed or was cancelled once more. */
export const retryJob: Operation<"job.retry", z.output<typeof input>, ShownJob> = {
  on: "workspace",
  name: "job.retry",
  title: "Run a job that failed or was cancelled once more",
  http: { method: "POST", path: "/jobs/:id/retry" },
  scope: "training_data:write",
  underLimit: "filtered",
  input,
  output: jobSchema,
  body: "none",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(workspace, { id }, context) {
    const storage = await workspace.storage();
    await findReachedJob(storage, id, context);
    return showJob(await retry(storage, id, workspace.clock.nowMs()), { withInput: true });
  },
};
