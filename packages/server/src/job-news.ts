import type { Job, Workspace } from "@tilth/core";
import { findJob, isTilthError, listJobs } from "@tilth/core";

/** Something that became of a job. */
export type JobEvent =
  | { readonly kind: "progress"; readonly job: Job }
  | { readonly kind: "remark"; readonly job: Job; readonly message: string }
  /** It is done, has failed or was cancelled. */
  | { readonly kind: "end"; readonly job: Job };

export type JobListener = (event: JobEvent) => void;

/** Who wants to know how jobs go on. */
export interface JobNews {
  /** Of a job that runs here: listeners hear at once. */
  tell(event: JobEvent): void;
  /**
   * @param id - Absent = of all jobs.
   * @returns To be called when nobody listens any more.
   */
  listen(listener: JobListener, id?: string): () => void;
  /** Reads in the pool what became of jobs that do not run here, where somebody listens. */
  look(isOwn: (id: string) => boolean): Promise<void>;
}

type Told = Pick<Job, "status" | "updatedAtMs" | "remarks">;

/** More than anybody has at once; those who ended first are forgotten first. */
const MOST_TOLD = 5_000;
const MOST_LISTED = 1_000;

export function isEnded({ status }: Pick<Job, "status">): boolean {
  return status === "done" || status === "failed" || status === "cancelled";
}

/** Makes the board that runners of jobs write on and readers look at. */
export function createJobNews(workspace: Workspace): JobNews {
  const listeners = new Set<{ readonly listener: JobListener; readonly id?: string }>();
  const told = new Map<string, Told>();

  function tell(event: JobEvent): void {
    const { id, status, updatedAtMs, remarks } = event.job;
    told.delete(id);
    told.set(id, { status, updatedAtMs, remarks });
    const [oldest] = told.size > MOST_TOLD ? told.keys() : [];
    if (oldest !== undefined) told.delete(oldest);
    for (const one of listeners) if (one.id === undefined || one.id === id) one.listener(event);
  }

  /** What the pool says of a job, where that is more than was told. */
  function compare(job: Job): void {
    const before = told.get(job.id);
    if (before !== undefined && (job.updatedAtMs < before.updatedAtMs || isSame(job, before))) return;
    for (const message of job.remarks.slice(before?.remarks.length ?? 0)) tell({ kind: "remark", job, message });
    tell({ kind: isEnded(job) ? "end" : "progress", job });
  }

  async function listed(): Promise<readonly Job[]> {
    const storage = await workspace.storage();
    const [running, waiting] = [
      await listJobs(storage, { status: "running", limit: MOST_LISTED }),
      await listJobs(storage, { status: "waiting", limit: MOST_LISTED }),
    ];
    return [...running.jobs, ...waiting.jobs];
  }

  async function found(id: string): Promise<Job | undefined> {
    try {
      return await findJob(await workspace.storage(), id);
    } catch (error) {
      if (isTilthError(error) && error.code === "job/not-found") return undefined;
      throw error;
    }
  }

  return {
    tell,
    listen(listener, id) {
      const one = id === undefined ? { listener } : { listener, id };
      listeners.add(one);
      return () => void listeners.delete(one);
    },
    async look(isOwn) {
      const isAll = [...listeners].some(({ id }) => id === undefined);
      const jobs = isAll ? await listed() : [];
      const seen = new Set(jobs.map(({ id }) => id));
      const wanted = [...listeners].flatMap(({ id }) => (id === undefined ? [] : [id]));
      // Whoever hears of all hears also of the end of those that are in no list any more.
      const open = isAll ? [...told].flatMap(([id, one]) => (isEnded(one) ? [] : [id])) : [];
      for (const job of jobs) if (!isOwn(job.id)) compare(job);
      for (const id of new Set([...wanted, ...open])) {
        if (seen.has(id) || isOwn(id)) continue;
        const job = await found(id);
        if (job === undefined) told.delete(id);
        else if (!isOwn(id)) compare(job);
      }
    },
  };
}

function isSame(job: Job, before: Told): boolean {
  return job.updatedAtMs === before.updatedAtMs && job.status === before.status;
}
