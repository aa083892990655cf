import { z } from "zod";
import type { ShownJob } from "../jobs/job.ts";
import { jobSchema, jobStatuses, showJob } from "../jobs/job.ts";
import { listJobs as readJobs } from "../jobs/jobs.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  status: z.optional(z.enum(jobStatuses)),
  /** An operation's name. */
  operation: z.optional(z.string().min(1).max(200)),
  /** Such as `user:ana` or `key:ci`. */
  actor: z.optional(z.string().min(1).max(200)),
  limit: z.int().min(1).max(1_000).default(50),
  cursor: z.optional(z.string()),
});

export interface ListedJobs {
  /** Newest first, without their input. */
  readonly jobs: readonly ShownJob[];
  /** Absent on the last page. */
  readonly next?: string;
}

const output: z.ZodType<ListedJobs> = z.object({ jobs: z.array(jobSchema).readonly(), next: z.exactOptional(z.string()) });

/** Lists work in the background; a caller that reaches some datasets only sees its own. */
export const listJobs: Operation<"job.list", z.output<typeof input>, ListedJobs, z.input<typeof input>> = {
  on: "workspace",
  name: "job.list",
  title: "List work in the background, newest first",
  http: { method: "GET", path: "/jobs" },
  scope: "training_data:read",
  underLimit: "filtered",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { status, operation, actor, limit, cursor }, context) {
    if (context.datasets !== undefined && (actor ?? context.actor) !== context.actor) return { jobs: [] };
    const only = context.datasets === undefined ? actor : context.actor;
    const { jobs, ...more } = await readJobs(await workspace.storage(), {
      limit,
      ...(status === undefined ? {} : { status }),
      ...(operation === undefined ? {} : { operation }),
      ...(only === undefined ? {} : { actor: only }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { jobs: jobs.map((job) => showJob(job)), ...more };
  },
};
