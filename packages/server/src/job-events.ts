import type { Job, Workspace } from "@tilth/core";
import { listJobs, TilthError } from "@tilth/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { base } from "./base.ts";
import type { Caller } from "./caller.ts";
import type { Readers } from "./event-stream.ts";
import { eventText, feed, openEvents } from "./event-stream.ts";
import type { JobEvent } from "./job-news.ts";
import { isEnded } from "./job-news.ts";
import type { Jobs } from "./jobs.ts";
import { addressedJob } from "./outputs.ts";
import { paramsOf, queryOf } from "./request-input.ts";
import type { Calls } from "./routes.ts";

export interface JobEvents {
  readonly workspace: Workspace;
  readonly jobs: Jobs;
  readonly readers: Readers;
  readonly calls: Calls;
  /** Aborted when the server has begun to stop. */
  readonly closing: AbortSignal;
}

const needs = { name: "job.events", scope: "training_data:read" } as const;
const MOST_SHOWN = 1_000;
/** A reader that is farther behind is let go: it connects again and hears how everything is by then. */
const MOST_WAITING = 10_000;

/** Adds the events of one job, which end with it, and of all. */
export function addJobEvents(app: FastifyInstance, { workspace, jobs, readers, calls, closing }: JobEvents): void {
  const options = { preParsing: calls.guard(needs), preHandler: refuseQuery, exposeHeadRoute: false };

  app.get(`${base}/jobs/:id/events`, options, async (request, reply) => {
    const { id = "" } = paramsOf(request);
    calls.note(request, { object: id });
    const isReached = reaches(calls.callerOf(request));
    const leave = readers.enter();
    const told = queue(workspace);
    const stop = jobs.news.listen(told.put, id);
    try {
      const job = await jobs.find(id);
      if (!isReached(job)) throw new TilthError("job/not-found", { job: id });
      told.put({ kind: isEnded(job) ? "end" : "progress", job });
      await feed(openEvents(reply, ""), closing, async (write, over) => {
        for (let isLast = false; !isLast && !over.aborted;) {
          const next = await told.take(over);
          isLast = next.some(({ isEnd }) => isEnd);
          await write(next.map(({ text }) => text).join(""));
        }
      }).catch((error: unknown) => request.log.warn({ reqId: request.id, err: error }, "events of a job ended"));
    } finally {
      stop();
      leave();
    }
  });

  app.get(`${base}/jobs/events`, options, async (request, reply) => {
    const isReached = reaches(calls.callerOf(request));
    const leave = readers.enter();
    const told = queue(workspace);
    const stop = jobs.news.listen((event) => {
      if (isReached(event.job)) told.put(event);
    });
    try {
      const storage = await workspace.storage();
      for (const status of ["running", "waiting"] as const)
        for (const job of (await listJobs(storage, { status, limit: MOST_SHOWN })).jobs)
          if (isReached(job)) told.put({ kind: "progress", job });
      await feed(openEvents(reply, ": jobs\n\n"), closing, async (write, over) => {
        while (!over.aborted) await write((await told.take(over)).map(({ text }) => text).join(""));
      }).catch((error: unknown) => request.log.warn({ reqId: request.id, err: error }, "events of jobs ended"));
    } finally {
      stop();
      leave();
    }
  });
}

/** Whoever reaches some datasets only sees their own jobs. */
function reaches({ actor, datasets }: Caller): (job: Pick<Job, "actor">) => boolean {
  return (job) => datasets === undefined || job.actor === actor;
}

async function refuseQuery(request: FastifyRequest): Promise<void> {
  const [name] = Object.keys(queryOf(request));
  if (name !== undefined) throw new TilthError("request/query", { where: name, problem: "nothing is asked in the address" });
}

interface Waiting {
  readonly text: string;
  readonly isEnd: boolean;
}

/** What one reader has not been told yet: of each job the newest state alone. */
interface Queue {
  readonly put: (event: JobEvent) => void;
  /** Resolves with everything that waits, once something does. */
  take(signal: AbortSignal): Promise<readonly Waiting[]>;
}

function queue(workspace: Workspace): Queue {
  const waiting = new Map<string, JobEvent>();
  let remarks = 0;
  let wake = Promise.withResolvers<void>();

  return {
    put(event) {
      const key = event.kind === "remark" ? `${event.job.id} ${remarks++}` : event.job.id;
      const before = waiting.get(key);
      if (before !== undefined && isNewer(before, event)) return;
      // Behind what was said before: a state is never older than what stands above it.
      waiting.delete(key);
      waiting.set(key, event);
      wake.resolve();
    },
    async take(signal) {
      const stop = (): void => wake.reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      try {
        if (waiting.size === 0) await wake.promise;
        if (waiting.size > MOST_WAITING) throw new Error(`a reader is ${waiting.size} events behind`);
      } finally {
        signal.removeEventListener("abort", stop);
        wake = Promise.withResolvers();
        wake.promise.catch(() => undefined); // nobody may be waiting when it is told to stop
      }
      const taken = [...waiting.values()].map((event) => ({ text: textOf(event, workspace), isEnd: event.kind === "end" }));
      waiting.clear();
      return taken;
    },
  };
}

/** A state that was read while a newer one was told. */
function isNewer(before: JobEvent, event: JobEvent): boolean {
  const aheadMs = before.job.updatedAtMs - event.job.updatedAtMs;
  return aheadMs > 0 || (aheadMs === 0 && before.kind === "end");
}

function textOf(event: JobEvent, workspace: Workspace): string {
  const job = addressedJob(event.job, workspace);
  return eventText({ event: event.kind, data: event.kind === "remark" ? { id: job.id, message: event.message } : job });
}
