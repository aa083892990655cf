import { setTimeout as wait } from "node:timers/promises";
import type { ClaimedJob, Job, JobError, JobOutcome, Json, Progress, Workspace } from "@tilth/core";
import { endJob, findJob, isTilthError, renewJob, TilthError } from "@tilth/core";
import type { JobBodies } from "./job-bodies.ts";
import type { JobNews } from "./job-news.ts";
import { isEnded } from "./job-news.ts";
import type { HeavyCall, Runner } from "./operation-runner.ts";
import { failureOf } from "./operation-runner.ts";

/** How long a job is held without a sign of life, and how often there is one. */
export const LEASE_MS = 30_000;
const BEAT_MS = 1_000;

/** What may be otherwise in a moment. */
const transient: ReadonlySet<string> = new Set(["storage/busy", "storage/writer-stopped", "job/process-ended", "embed/endpoint-failed"]);
/** How long before each further attempt. */
const pausesMs = [1_000, 5_000, 30_000] as const;
const MOST_REMARKS = 1_000;
/** How long the end of a job waits for a pool that others keep busy. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 500;

export interface AttemptOptions {
  readonly workspace: Workspace;
  readonly runner: Runner;
  readonly news: JobNews;
  readonly bodies: JobBodies;
  /** Aborts when the server has to stop now: what runs is let go. */
  readonly stopping: AbortSignal;
  readonly log: JobLog;
}

export interface JobLog {
  error(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** Makes one attempt of a job and writes down how it ended. Resolves with the job as it is then. */
export async function attempt(claimed: ClaimedJob, options: AttemptOptions): Promise<Job | undefined> {
  const { workspace, news, bodies } = options;
  const held = { job: claimed.job };
  const outcome = await perform(claimed, options, held);
  if (outcome === undefined || !(await end(claimed, { outcome, last: held.job }, options))) return undefined;
  const job = await findJob(await workspace.storage(), claimed.job.id);
  const isTransient = job.status === "failed" && transient.has(job.error?.code ?? "");
  // What failed for reasons of the moment may be tried again by hand: then its bytes are still wanted, until they are swept.
  if (isEnded(job) && !isTransient && job.body !== undefined) await bodies.remove(job.body);
  news.tell({ kind: isEnded(job) ? "end" : "progress", job: { ...job, updatedAtMs: Math.max(job.updatedAtMs, workspace.clock.nowMs()) } });
  return job;
}

/** Nothing where the job is somebody else's by now. */
async function perform(
  claimed: ClaimedJob,
  { workspace, runner, news, stopping, log }: AttemptOptions,
  held: { job: Job },
): Promise<JobOutcome | undefined> {
  const { attempts } = claimed.job;
  if (attempts > pausesMs.length + 1)
    return { error: failureOf(new TilthError("job/process-ended", { reason: `the server ended at each of ${attempts - 1} attempts` })) };
  const told = new AbortController();
  const over = new AbortController();
  const signal = AbortSignal.any([told.signal, stopping]);
  let verdict: "mine" | "cancel" | "lost" = "mine";
  const renewing = renewed(claimed, { workspace, job: () => held.job, over: over.signal, log }, (said) => {
    verdict = said;
    told.abort();
  });
  const show = (change: Partial<Job>): void => {
    held.job = { ...held.job, ...change, updatedAtMs: workspace.clock.nowMs() };
  };
  show({ remarks: [] });
  news.tell({ kind: "progress", job: held.job });
  try {
    const output = await runner.call("job", callOf(claimed.job), {
      signal,
      progress(progress: Progress) {
        show({ progress });
        news.tell({ kind: "progress", job: held.job });
      },
      remark(message) {
        if (held.job.remarks.length >= MOST_REMARKS) return;
        show({ remarks: [...held.job.remarks, message] });
        news.tell({ kind: "remark", job: held.job, message });
      },
    });
    return signal.aborted && wasStopped(output) ? stopped() : { result: jsonOf(output) };
  } catch (error) {
    if (signal.aborted) return stopped();
    if (!isTilthError(error)) log.error({ err: error, job: claimed.job.id, operation: claimed.job.operation }, "a job failed");
    return outcomeOf(failureOf(error), { attempts, nowMs: workspace.clock.nowMs() });
  } finally {
    over.abort();
    await renewing;
  }

  function stopped(): JobOutcome | undefined {
    if (verdict === "lost") return undefined;
    return verdict === "cancel" ? "cancelled" : "released";
  }
}

function callOf({ id, operation, input, actor, datasets, body, attempts, createdAtMs }: Job): HeavyCall {
  return {
    operation,
    input,
    actor,
    ...(datasets === undefined ? {} : { datasets }),
    ...(body === undefined ? {} : { body: { path: body.path, name: body.name } }),
    job: { id, attempt: attempts, createdAtMs },
  };
}

function outcomeOf(error: JobError, { attempts, nowMs }: { readonly attempts: number; readonly nowMs: number }): JobOutcome {
  const pauseMs = pausesMs[attempts - 1];
  return transient.has(error.code) && pauseMs !== undefined ? { again: { atMs: nowMs + pauseMs, error } } : { error };
}

/** An operation that was told to stop may answer with what it has done until then; its job is not done by that. */
function wasStopped(output: unknown): boolean {
  const members =
    typeof output === "object" && output !== null ? new Map<string, unknown>(Object.entries(output)) : new Map<string, unknown>();
  return members.get("stopped") === true || (members.has("report") && wasStopped(members.get("report")));
}

function jsonOf(output: unknown): Json {
  const json: Json = output === undefined ? null : JSON.parse(JSON.stringify(output));
  return json;
}

interface Renewing {
  readonly workspace: Workspace;
  readonly job: () => Job;
  readonly over: AbortSignal;
  readonly log: JobLog;
}

/** Says now and then that the job is at work, until it is over; a pool that others keep busy hears it later. */
async function renewed(
  claimed: ClaimedJob,
  { workspace, job, over, log }: Renewing,
  tell: (verdict: "cancel" | "lost") => void,
): Promise<void> {
  while (await wait(BEAT_MS, true, { signal: over }).catch(() => false)) {
    try {
      const { progress, remarks } = job();
      const verdict = await renewJob(await workspace.storage(), claimed, {
        nowMs: workspace.clock.nowMs(),
        leaseMs: LEASE_MS,
        remarks,
        ...(progress === undefined ? {} : { progress }),
      });
      if (verdict !== "mine") tell(verdict);
      if (verdict === "lost") return;
    } catch (error) {
      log.warn({ err: error, job: claimed.job.id }, "could not renew a job");
    }
  }
}

/** Writes down what was said last, and how it ended; true where the job was still held. */
async function end(
  claimed: ClaimedJob,
  { outcome, last: { progress, remarks } }: { readonly outcome: JobOutcome; readonly last: Job },
  { workspace, stopping }: AttemptOptions,
): Promise<boolean> {
  const storage = await workspace.storage();
  const said = { remarks, ...(progress === undefined ? {} : { progress }) };
  const isSaid = progress !== undefined || remarks.length > 0;
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const nowMs = workspace.clock.nowMs();
    try {
      if (isSaid && (await renewJob(storage, claimed, { nowMs, leaseMs: LEASE_MS, ...said })) === "lost") return false;
      return await endJob(storage, claimed, { nowMs, outcome });
    } catch (error) {
      // Of a server that stops the next one takes over what is written down nowhere.
      const isWorthwhile = isTilthError(error) && error.code === "storage/busy" && performance.now() < untilMs && !stopping.aborted;
      if (!isWorthwhile) throw error;
      await wait(PAUSE_MS);
    }
  }
}
