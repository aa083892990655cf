import { existsSync } from "node:fs";
import { TilthError } from "../errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Queries, Storage } from "../storage/storage.ts";
import type { Job, JobBody, JobStatus } from "./job.ts";
import type { JobRow } from "./job-row.ts";
import { jobOf } from "./job-row.ts";

export interface NewJob {
  readonly id: string;
  readonly operation: string;
  /** As the caller gave it: every attempt parses it again. */
  readonly input: JsonObject;
  readonly actor: string;
  readonly datasets?: readonly string[];
  readonly body?: JobBody;
  readonly atMs: number;
}

/** Keeps an operation to be run; durable when this resolves. */
export async function createJob(storage: Storage, { id, operation, input, actor, datasets, body, atMs }: NewJob): Promise<Job> {
  const values = {
    id,
    operation,
    status: "waiting",
    input: JSON.stringify(input),
    actor,
    datasets: datasets === undefined ? null : JSON.stringify(datasets),
    body: body === undefined ? null : JSON.stringify(body),
    due_at: atMs,
    created_at: atMs,
    updated_at: atMs,
  } as const;
  return storage.transaction(async (queries) => {
    await queries.insertInto("job").values(values).execute();
    return jobOf(await rowOf(queries, id));
  });
}

/** @throws {@link TilthError} `job/not-found`. */
export async function findJob(storage: Storage, id: string): Promise<Job> {
  return jobOf(await storage.read(({ queries }) => rowOf(queries, id)));
}

export interface JobListOptions {
  readonly status?: JobStatus;
  readonly operation?: string;
  readonly actor?: string;
  /** 1 to 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  /** Absent on the last page. */
  readonly next?: string;
}

/**
 * Lists jobs, newest first, page by page.
 *
 * @throws {@link TilthError} `input/invalid` for a cursor that is not ours.
 */
export async function listJobs(storage: Storage, { status, operation, actor, limit, cursor }: JobListOptions): Promise<JobPage> {
  const after = cursor === undefined ? undefined : placeOf(cursor);
  const rows = await storage.read(({ queries }) => {
    let query = queries.selectFrom("job").selectAll();
    if (status !== undefined) query = query.where("status", "=", status);
    if (operation !== undefined) query = query.where("operation", "=", operation);
    if (actor !== undefined) query = query.where("actor", "=", actor);
    if (after !== undefined) query = query.where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(after.atMs, after.id)));
    return query
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(limit + 1)
      .execute();
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const jobs = page.map(jobOf);
  return rows.length > limit && last !== undefined ? { jobs, next: `${last.created_at}.${last.id}` } : { jobs };
}

/**
 * Stops a job: one that waits at once, one that runs when its holder next asks.
 *
 * @throws {@link TilthError} `job/not-found`; `job/not-cancellable` for one that is done or has failed.
 */
export async function cancelJob(storage: Storage, id: string, nowMs: number): Promise<Job> {
  return storage.transaction(async (queries) => {
    const { status } = await rowOf(queries, id);
    if (status === "done" || status === "failed") throw new TilthError("job/not-cancellable", { job: id, status });
    const update = queries.updateTable("job").where("id", "=", id);
    if (status === "waiting") await update.set({ status: "cancelled", ended_at: nowMs, updated_at: nowMs }).execute();
    if (status === "running") await update.set({ is_cancelling: 1, updated_at: nowMs }).execute();
    return jobOf(await rowOf(queries, id));
  });
}

/**
 * Lets a job that failed or was cancelled be run again, from its first attempt.
 *
 * @throws {@link TilthError} `job/not-found`; `job/not-retryable` for any other; `job/body-gone` where the file it reads is no longer there.
 */
export async function retryJob(storage: Storage, id: string, nowMs: number): Promise<Job> {
  return storage.transaction(async (queries) => {
    const row = await rowOf(queries, id);
    const { status, body } = jobOf(row);
    if (status !== "failed" && status !== "cancelled") throw new TilthError("job/not-retryable", { job: id, status });
    if (body !== undefined && !existsSync(body.path)) throw new TilthError("job/body-gone", { job: id });
    const cleared = { progress: null, remarks: "[]", result: null, error: null, attempts: 0, is_cancelling: 0, ended_at: null };
    await queries
      .updateTable("job")
      .set({ ...cleared, status: "waiting", due_at: nowMs, updated_at: nowMs })
      .where("id", "=", id)
      .execute();
    return jobOf(await rowOf(queries, id));
  });
}

/** How many jobs there are to do. */
export async function countJobs(storage: Storage): Promise<{ readonly waiting: number; readonly running: number }> {
  const rows = await storage.read(({ queries }) =>
    queries
      .selectFrom("job")
      .select(({ fn }) => ["status", fn.countAll<number>().as("jobs")])
      .where("status", "in", ["waiting", "running"])
      .groupBy("status")
      .execute(),
  );
  const of = (wanted: JobStatus): number => rows.find(({ status }) => status === wanted)?.jobs ?? 0;
  return { waiting: of("waiting"), running: of("running") };
}

/**
 * Takes away jobs that ended before a moment. Resolves with how many.
 *
 * Where there are none this is one read and no write.
 */
export async function sweepJobs(storage: Storage, { endedBeforeMs }: { readonly endedBeforeMs: number }): Promise<number> {
  const old = await storage.read(({ queries }) =>
    queries.selectFrom("job").select("id").where("ended_at", "<", endedBeforeMs).limit(1).executeTakeFirst(),
  );
  if (old === undefined) return 0;
  const { numDeletedRows } = await storage.transaction((queries) =>
    queries
      .deleteFrom("job")
      .where("status", "in", ["done", "failed", "cancelled"])
      .where("ended_at", "<", endedBeforeMs)
      .executeTakeFirst(),
  );
  return Number(numDeletedRows);
}

async function rowOf(queries: Queries, id: string): Promise<JobRow> {
  const row = await queries.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw new TilthError("job/not-found", { job: id });
  return row;
}

function placeOf(cursor: string): { readonly atMs: number; readonly id: string } {
  const [, at, id] = /^(\d{1,15})\.(\S{1,100})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined)
    throw new TilthError("input/invalid", { where: "cursor", problem: "it is not the `next` of a page" });
  return { atMs: Number(at), id };
}
