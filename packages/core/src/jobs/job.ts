import { z } from "zod";
import type { Json, JsonObject } from "../schema/json.ts";
import type { Progress } from "../schema/progress.ts";

/** `waiting` until somebody claims it, also between two attempts; `done`, `failed` and `cancelled` are the ends. */
export const jobStatuses = ["waiting", "running", "done", "failed", "cancelled"] as const;

export type JobStatus = (typeof jobStatuses)[number];

/** An operation that runs in the background. */
export interface Job {
  readonly id: string;
  /** Its name, such as `example.import`. */
  readonly operation: string;
  readonly status: JobStatus;
  readonly input: JsonObject;
  readonly actor: string;
  /** Ids and names of the only datasets the caller reaches; absent = all. */
  readonly datasets?: readonly string[];
  readonly body?: JobBody;
  readonly progress?: Progress;
  /** What a person should know, in the order it was said. */
  readonly remarks: readonly string[];
  readonly result?: Json;
  /** Why it failed; on a waiting job, why the attempt before failed. */
  readonly error?: JobError;
  /** How often it was begun. */
  readonly attempts: number;
  /** It runs, and is to stop. */
  readonly isCancelling: boolean;
  /** Not claimed before. */
  readonly dueAtMs: number;
  readonly createdAtMs: number;
  /** Of the first attempt. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly updatedAtMs: number;
}

/** The file whose bytes the operation reads. */
export interface JobBody {
  readonly path: string;
  /** What the file was called where it came from. */
  readonly name: string;
  /** Taken away when the job has ended. */
  readonly isOwned: boolean;
}

/** A failure as it crosses processes: a `TilthError` in its parts. */
export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly details: JsonObject;
}

/** A job as every door shows it; times are ISO 8601. */
export interface ShownJob {
  readonly id: string;
  readonly operation: string;
  readonly status: JobStatus;
  readonly actor: string;
  /** What was asked; left out of lists. */
  readonly input?: JsonObject;
  readonly progress?: Progress;
  readonly remarks: readonly string[];
  readonly result?: Json;
  readonly error?: JobError;
  readonly attempts: number;
  readonly cancelling: boolean;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

const anyObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export const progressSchema: z.ZodType<Progress> = z.object({
  step: z.string(),
  done: z.number(),
  total: z.exactOptional(z.number()),
  unit: z.enum(["bytes", "rows", "objects"]),
  detail: z.exactOptional(z.string()),
});

export const jobErrorSchema: z.ZodType<JobError> = z.object({ code: z.string(), message: z.string(), details: anyObject });

/** The shape of {@link ShownJob}. */
export const jobSchema: z.ZodType<ShownJob> = z.object({
  id: z.string(),
  operation: z.string(),
  status: z.enum(jobStatuses),
  actor: z.string(),
  input: z.exactOptional(anyObject),
  progress: z.exactOptional(progressSchema),
  remarks: z.array(z.string()).readonly(),
  result: z.exactOptional(z.json()),
  error: z.exactOptional(jobErrorSchema),
  attempts: z.int(),
  cancelling: z.boolean(),
  createdAt: z.string(),
  startedAt: z.exactOptional(z.string()),
  endedAt: z.exactOptional(z.string()),
});

/** A job as it is shown: neither where its body lies nor who may see what. */
export function showJob(job: Job, { withInput = false }: { readonly withInput?: boolean } = {}): ShownJob {
  const { id, operation, status, actor, input, progress, remarks, result, error, attempts, isCancelling, startedAtMs, endedAtMs } = job;
  return {
    id,
    operation,
    status,
    actor,
    ...(withInput ? { input } : {}),
    ...(progress === undefined ? {} : { progress }),
    remarks,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
    attempts,
    cancelling: isCancelling,
    createdAt: new Date(job.createdAtMs).toISOString(),
    ...(startedAtMs === undefined ? {} : { startedAt: new Date(startedAtMs).toISOString() }),
    ...(endedAtMs === undefined ? {} : { endedAt: new Date(endedAtMs).toISOString() }),
  };
}
