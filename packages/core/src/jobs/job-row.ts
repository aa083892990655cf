import type { Selectable } from "kysely";
import { z } from "zod";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { JobTable } from "../storage/tables.ts";
import type { Job, JobBody, JobStatus } from "./job.ts";
import { jobErrorSchema, jobStatuses, progressSchema } from "./job.ts";

export type JobRow = Selectable<JobTable>;

/** A job from its row. What another version of the program, or somebody's hand, wrote into it is left out where it cannot be read. */
export function jobOf(row: JobRow): Job {
  const progress = read(progressSchema, row.progress);
  const error = read(jobErrorSchema, row.error);
  const datasets = row.datasets === null ? undefined : (read(textsSchema, row.datasets) ?? []); // unreadable = none, not all
  const body = read(bodySchema, row.body);
  const result = row.result === null ? undefined : parse(row.result);
  return {
    id: row.id,
    operation: row.operation,
    status: statusOf(row.status),
    input: inputOf(row.input),
    actor: row.actor,
    ...(datasets === undefined ? {} : { datasets }),
    ...(body === undefined ? {} : { body }),
    ...(progress === undefined ? {} : { progress }),
    remarks: read(textsSchema, row.remarks) ?? [],
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
    attempts: row.attempts,
    isCancelling: row.is_cancelling !== 0,
    dueAtMs: row.due_at,
    createdAtMs: row.created_at,
    ...(row.started_at === null ? {} : { startedAtMs: row.started_at }),
    ...(row.ended_at === null ? {} : { endedAtMs: row.ended_at }),
    updatedAtMs: row.updated_at,
  };
}

const textsSchema = z.array(z.string()).readonly();
const bodySchema: z.ZodType<JobBody> = z.object({ path: z.string(), name: z.string(), isOwned: z.boolean() });
const jsonSchema: z.ZodType<Json> = z.json();

/** An end that this program does not know is an end without a result. */
function statusOf(status: string): JobStatus {
  return jobStatuses.find((known) => known === status) ?? "failed";
}

function inputOf(text: string): JsonObject {
  const value = parse(text);
  return isJsonObject(value) ? value : { unreadable: text };
}

function read<T>(schema: z.ZodType<T>, text: string | null): T | undefined {
  if (text === null) return undefined;
  return schema.safeParse(parse(text)).data;
}

function parse(text: string): Json | undefined {
  try {
    return jsonSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
