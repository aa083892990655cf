import type { Updateable } from "kysely";
import type { Json } from "../schema/json.ts";
import type { Progress } from "../schema/progress.ts";
import type { Queries, Storage } from "../storage/storage.ts";
import type { JobTable } from "../storage/tables.ts";
import type { Job, JobError } from "./job.ts";
import type { JobRow } from "./job-row.ts";
import { jobOf } from "./job-row.ts";

/** A job in one pair of hands: whoever claims it later has another token, and this one is worth nothing any more. */
export interface ClaimedJob {
  readonly job: Job;
  readonly token: number;
}

export interface ClaimOptions {
  /** Who holds it: {@link releaseJobsOf} knows the holder by this. */
  readonly by: string;
  /** How long it is held without being renewed. */
  readonly leaseMs: number;
  readonly nowMs: number;
}

/**
 * Takes the job that has been due longest: one that waits, or one whose holder did not renew it in time. Its attempts go up by one.
 *
 * Where there is nothing to claim this is one read and no write.
 */
export async function claimJob(storage: Storage, { by, leaseMs, nowMs }: ClaimOptions): Promise<ClaimedJob | undefined> {
  if ((await storage.read(({ queries }) => nextDue(queries, nowMs))) === undefined) return undefined;
  return storage.transaction(async (queries) => {
    for (;;) {
      const row = await nextDue(queries, nowMs);
      if (row === undefined) return undefined;
      if (row.is_cancelling !== 0) {
        await setRow(queries, row, ended("cancelled", nowMs)); // its holder is gone, so nobody else will
        continue;
      }
      const token = row.lease_token + 1;
      const attempts = row.attempts + 1;
      const held = { lease_by: by, lease_until: nowMs + leaseMs, lease_token: token };
      const set = { status: "running", ...held, attempts, started_at: row.started_at ?? nowMs, updated_at: nowMs } as const;
      await setRow(queries, row, set);
      return { job: jobOf({ ...row, ...set }), token };
    }
  });
}

export interface RenewOptions {
  readonly nowMs: number;
  readonly leaseMs: number;
  readonly progress?: Progress;
  /** All of this attempt so far. */
  readonly remarks?: readonly string[];
}

/**
 * Says that a job is still at work, and how far it is.
 *
 * @returns `cancel` where it is to stop; `lost` where it is somebody else's by now, or has been ended.
 */
export async function renewJob(
  storage: Storage,
  { job, token }: ClaimedJob,
  { nowMs, leaseMs, progress, remarks }: RenewOptions,
): Promise<"mine" | "cancel" | "lost"> {
  return storage.transaction(async (queries) => {
    const row = await heldRow(queries, job.id, token);
    if (row === undefined) return "lost";
    await setRow(queries, row, {
      lease_until: nowMs + leaseMs,
      ...(progress === undefined ? {} : { progress: JSON.stringify(progress) }),
      ...(remarks === undefined ? {} : { remarks: JSON.stringify(remarks) }),
      updated_at: nowMs,
    });
    return row.is_cancelling === 0 ? "mine" : "cancel";
  });
}

/** How an attempt ended: `again` = it failed and another one is due; `released` = it was let go unfinished and does not count. */
export type JobOutcome =
  | { readonly result: Json }
  | { readonly error: JobError }
  | { readonly again: { readonly atMs: number; readonly error: JobError } }
  | "cancelled"
  | "released";

/**
 * Writes down how an attempt ended. A job that was to stop is cancelled instead of tried again.
 *
 * @returns false where the job is somebody else's by now: nothing was written.
 */
export async function endJob(
  storage: Storage,
  { job, token }: ClaimedJob,
  { nowMs, outcome }: { readonly nowMs: number; readonly outcome: JobOutcome },
): Promise<boolean> {
  return storage.transaction(async (queries) => {
    const row = await heldRow(queries, job.id, token);
    if (row === undefined) return false;
    await setRow(queries, row, changeOf(row, outcome, nowMs));
    return true;
  });
}

/** Lets go of everything that a holder that is no more has held: it waits again, and the attempt does not count. Resolves with how many. */
export async function releaseJobsOf(storage: Storage, by: string, nowMs: number): Promise<number> {
  return storage.transaction(async (queries) => {
    const rows = await queries.selectFrom("job").selectAll().where("status", "=", "running").where("lease_by", "=", by).execute();
    for (const row of rows) await setRow(queries, row, changeOf(row, "released", nowMs));
    return rows.length;
  });
}

type Change = Updateable<JobTable>;

function changeOf(row: JobRow, outcome: JobOutcome, nowMs: number): Change {
  if (outcome === "cancelled") return ended("cancelled", nowMs);
  if (outcome === "released") return row.is_cancelling === 0 ? waiting(nowMs, nowMs, row.attempts - 1) : ended("cancelled", nowMs);
  if ("result" in outcome) return { ...ended("done", nowMs), result: JSON.stringify(outcome.result), error: null };
  if ("error" in outcome) return { ...ended("failed", nowMs), error: JSON.stringify(outcome.error) };
  const { atMs, error } = outcome.again;
  const next = row.is_cancelling === 0 ? waiting(atMs, nowMs, row.attempts) : ended("cancelled", nowMs);
  return { ...next, error: JSON.stringify(error) };
}

const notHeld = { lease_by: null, lease_until: null, is_cancelling: 0 } as const;

function ended(status: "done" | "failed" | "cancelled", nowMs: number): Change {
  return { ...notHeld, status, ended_at: nowMs, updated_at: nowMs };
}

function waiting(dueAtMs: number, nowMs: number, attempts: number): Change {
  return { ...notHeld, status: "waiting", due_at: dueAtMs, attempts: Math.max(attempts, 0), updated_at: nowMs };
}

async function nextDue(queries: Queries, nowMs: number): Promise<JobRow | undefined> {
  const left = await queries
    .selectFrom("job")
    .selectAll()
    .where("status", "=", "running")
    .where("lease_until", "<=", nowMs)
    .orderBy("due_at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  if (left !== undefined) return left; // begun earlier than whatever waits
  return queries
    .selectFrom("job")
    .selectAll()
    .where("status", "=", "waiting")
    .where("due_at", "<=", nowMs)
    .orderBy("due_at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
}

async function heldRow(queries: Queries, id: string, token: number): Promise<JobRow | undefined> {
  return queries
    .selectFrom("job")
    .selectAll()
    .where("id", "=", id)
    .where("status", "=", "running")
    .where("lease_token", "=", token)
    .executeTakeFirst();
}

async function setRow(queries: Queries, { id }: JobRow, change: Change): Promise<void> {
  await queries.updateTable("job").set(change).where("id", "=", id).execute();
}
