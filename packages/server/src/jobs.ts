import type { ClaimedJob, Job, NewJob, Workspace } from "@tilth/core";
import { cancelJob, claimJob, countJobs, createJob, findJob, isTilthError, sweepJobs, TilthError } from "@tilth/core";
import type { JobLog } from "./job-attempt.ts";
import { attempt, LEASE_MS } from "./job-attempt.ts";
import type { JobBodies } from "./job-bodies.ts";
import { ownHolder, releaseLeft } from "./job-holder.ts";
import type { JobNews } from "./job-news.ts";
import { isEnded } from "./job-news.ts";
import type { Metrics } from "./metrics.ts";
import type { Runner } from "./operation-runner.ts";
import { errorOf } from "./operation-runner.ts";
import type { AnyOperation } from "./request-input.ts";

/** Runs the jobs of a workspace in the background: some at once, the others in their turn. */
export interface Jobs {
  readonly news: JobNews;
  readonly bodies: JobBodies;
  /** Lets go of what dead servers left, and begins to run what waits. */
  start(): void;
  /** Keeps a job, durably, to be run soon. */
  begin(job: Omit<NewJob, "atMs">): Promise<Job>;
  /**
   * Resolves with the job when it has ended, wherever it runs.
   *
   * @throws {@link TilthError} `job/interrupted` where this server ends before; `job/not-found`; the signal's reason.
   */
  ended(id: string, signal: AbortSignal): Promise<Job>;
  find(id: string): Promise<Job>;
  /** Stops it soon, whether it has ended meanwhile or not. */
  cancel(id: string): Promise<void>;
  /** From now on begins only what somebody waits for. */
  drain(): void;
  /** Resolves when nothing runs here any more. */
  close(): Promise<void>;
  /** Forgets jobs that ended long ago, and their bytes. */
  sweep(): Promise<void>;
}

export interface JobsOptions {
  readonly workspace: Workspace;
  readonly operations: readonly AnyOperation[];
  readonly runner: Runner;
  readonly news: JobNews;
  readonly bodies: JobBodies;
  /** Jobs that run here at once. */
  readonly most: number;
  /** How long bytes are kept that no job needs. */
  readonly bodyAgeMs: number;
  /** Aborts when the server has to stop now: what runs is let go, to be begun again by the next one. */
  readonly stopping: AbortSignal;
  readonly log: JobLog;
  readonly figures: Pick<Metrics, "observe" | "setJobs" | "jobEnded">;
}

const LOOK_MS = 2_000;
const DAY_MS = 86_400_000;
const KEPT_MS = 7 * DAY_MS;
const RETRY_AFTER_SECONDS = 10;

export function openJobs(options: JobsOptions): Jobs {
  const { workspace, news, bodies, most, stopping, log, figures } = options;
  const running = new Map<string, Promise<void>>();
  const waiting = new Set<object>();
  const state = { isStarted: false, isDraining: false, isDue: false, lastTrouble: "" };
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Looks whether there is something to do; asked meanwhile, it looks once more. */
  function look(): void {
    state.isDue = true;
    if (state.isStarted) looking ??= lookUntilDone().finally(() => (looking = undefined));
  }

  async function lookUntilDone(): Promise<void> {
    try {
      while (state.isDue && !stopping.aborted) {
        state.isDue = false;
        await claim();
        await news.look((id) => running.has(id));
      }
      state.lastTrouble = "";
    } catch (error) {
      // A pool that cannot be read says so at every look.
      const trouble = String(error);
      if (trouble !== state.lastTrouble) log.warn({ err: error }, "could not look for jobs");
      state.lastTrouble = trouble;
    }
  }

  async function claim(): Promise<void> {
    const storage = await workspace.storage();
    while (running.size < most && !stopping.aborted && (!state.isDraining || waiting.size > 0)) {
      const claimed = await claimJob(storage, { by: ownHolder(), leaseMs: LEASE_MS, nowMs: workspace.clock.nowMs() });
      if (claimed === undefined) break;
      const work = run(claimed)
        .catch((error: unknown) => log.error({ err: error, job: claimed.job.id }, "could not write down how a job ended"))
        .finally(() => {
          running.delete(claimed.job.id);
          look();
        });
      running.set(claimed.job.id, work);
    }
    figures.setJobs({ waiting: (await countJobs(storage)).waiting, running: running.size });
  }

  async function run(claimed: ClaimedJob): Promise<void> {
    const startedMs = performance.now();
    await attempt(claimed, {
      ...options,
      news: {
        ...news,
        // Figures are right when those hear of it who wait.
        tell(event) {
          if (event.kind === "end") observe(event.job, (performance.now() - startedMs) / 1000);
          news.tell(event);
        },
      },
    }).then((job) => {
      if (job?.status === "waiting") setTimeout(look, Math.max(0, job.dueAtMs - workspace.clock.nowMs()) + 1).unref();
    });
  }

  function observe({ operation: name, status, input, result, error }: Job, seconds: number): void {
    figures.jobEnded({ operation: name, status, seconds });
    const operation = options.operations.find((one) => one.name === name);
    if (operation === undefined) return;
    if (status === "done") figures.observe({ operation, input, output: result, seconds });
    if (status === "failed" && error !== undefined) figures.observe({ operation, input, error: errorOf(error), seconds });
  }

  const find = async (id: string): Promise<Job> => findJob(await workspace.storage(), id);

  return {
    news,
    bodies,
    find,
    start() {
      state.isStarted = true;
      timer = setInterval(look, LOOK_MS).unref();
      releaseLeft(workspace)
        .catch((error: unknown) => log.warn({ err: error }, "could not let go of jobs that a server left"))
        .finally(look);
    },
    async begin(job) {
      const made = await createJob(await workspace.storage(), { ...job, atMs: workspace.clock.nowMs() });
      look();
      return made;
    },
    async ended(id, signal) {
      const end = Promise.withResolvers<Job>();
      end.promise.catch(() => undefined); // told at the end of this, if at all
      const leave = news.listen((event) => {
        if (event.kind === "end") end.resolve(event.job);
      }, id);
      const stop = (): void => end.reject(signal.reason);
      const interrupt = (): void => end.reject(new TilthError("job/interrupted", { job: id, seconds: RETRY_AFTER_SECONDS }));
      signal.addEventListener("abort", stop);
      stopping.addEventListener("abort", interrupt);
      waiting.add(end);
      try {
        const job = await find(id);
        if (isEnded(job)) return job;
        if (signal.aborted) stop();
        if (stopping.aborted) interrupt();
        if (state.isDraining) look();
        return await end.promise;
      } finally {
        waiting.delete(end);
        leave();
        signal.removeEventListener("abort", stop);
        stopping.removeEventListener("abort", interrupt);
      }
    },
    async cancel(id) {
      const cancelled = cancelJob(await workspace.storage(), id, workspace.clock.nowMs());
      await cancelled.catch((error: unknown) => {
        if (!isTilthError(error) || error.code !== "job/not-cancellable") log.warn({ err: error, job: id }, "could not cancel a job");
      });
    },
    drain() {
      state.isDraining = true;
    },
    async close() {
      state.isDraining = true;
      while (running.size > 0 || looking !== undefined) await Promise.all([...running.values(), looking]);
      clearInterval(timer);
      state.isStarted = false;
      await options.runner.close();
    },
    async sweep() {
      const storage = await workspace.storage();
      const nowMs = workspace.clock.nowMs();
      await sweepJobs(storage, { endedBeforeMs: nowMs - KEPT_MS });
      await bodies.sweep({
        untilMs: Date.now() - options.bodyAgeMs,
        isNeeded: async (id) =>
          find(id).then(
            (job) => !isEnded(job),
            (error: unknown) => !(isTilthError(error) && error.code === "job/not-found"),
          ),
      });
    },
  };
}
