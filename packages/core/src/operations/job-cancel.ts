import { z } from "zod";
import type { ShownJob } from "../jobs/job.ts";
import { jobSchema, showJob } from "../jobs/job.ts";
import { cancelJob as cancel } from "../jobs/jobs.ts";
import type { Operation } from "./operation.ts";
import { findReachedJob } from "./reached-job.ts";

const input = z.strictObject({ id: z.string().min(1).max(100) });

/** Stops a job: one that waits at once, one that runs within a moment. What it has stored stays. */
export const cancelJob: Operation<"job.cancel", z.output<typeof input>, ShownJob> = {
  on: "workspace",
  name: "job.cancel",
  title: "Stop a job; what it has stored stays",
  http: { method: "POST", path: "/jobs/:id/cancel" },
  scope: "training_data:write",
  underLimit: "filtered",
  input,
  output: jobSchema,
  body: "none",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { id }, context) {
    const storage = await workspace.storage();
    await findReachedJob(storage, id, context);
    return showJob(await cancel(storage, id, workspace.clock.nowMs()), { withInput: true });
  },
};
