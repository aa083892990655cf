import { z } from "zod";
import type { ShownJob } from "../jobs/job.ts";
import { jobSchema, showJob as shown } from "../jobs/job.ts";
import type { Operation } from "./operation.ts";
import { findReachedJob } from "./reached-job.ts";

const input = z.strictObject({ id: z.string().min(1).max(100) });

/** Shows a job: what was asked, how far it is, what came of it. */
export const showJob: Operation<"job.show", z.output<typeof input>, ShownJob> = {
  on: "workspace",
  name: "job.show",
  title: "Show a job, how far it is and what came of it",
  http: { method: "GET", path: "/jobs/:id" },
  scope: "training_data:read",
  underLimit: "filtered",
  input,
  output: jobSchema,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace, { id }, context) => shown(await findReachedJob(await workspace.storage(), id, context), { withInput: true }),
};
