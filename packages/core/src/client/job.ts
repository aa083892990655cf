import { isTilthError, TilthError } from "../errors.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import type { Progress } from "../schema/progress.ts";
import { addressOf, base, urlBelow } from "./address.ts";
import type { StreamEvent } from "./event-stream.ts";
import { readEvents } from "./event-stream.ts";
import { errorFrom } from "./problem.ts";
import { routes } from "./routes.ts";
import type { Connection } from "./send.ts";
import { anySignal, jittered, pause, send } from "./send.ts";

/** A job as the server shows it. */
export interface ToldJob {
  readonly id: string;
  readonly status: "waiting" | "running" | "done" | "failed" | "cancelled";
  readonly progress?: Progress;
  readonly remarks: readonly string[];
  readonly result?: Json;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: JsonObject };
}

export interface FollowOptions {
  readonly progress?: (progress: Progress) => void;
  readonly remark?: (message: string) => void;
  /** Cancels the job. */
  readonly signal?: AbortSignal;
}

/** How long a server may be away, as when it is started anew, before nobody waits for it any more. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 500;

/**
 * Waits for the end of a job and gives its result; where the connection breaks, it connects again.
 *
 * @throws {@link TilthError} the job's own error, `job/cancelled`, `client/unreachable`; the reason of the signal once the job is cancelled.
 */
export async function followJob(connection: Connection, job: ToldJob, options: FollowOptions): Promise<Json> {
  const signal = anySignal(connection.signal, options.signal);
  const told = teller(options);
  try {
    for (let aloneSinceMs = performance.now(); ;) {
      const heard = await listen(connection, job.id, { told, signal });
      if (heard.ended !== undefined) return resultOf(heard.ended);
      if (heard.isAnswered) aloneSinceMs = performance.now();
      else if (performance.now() - aloneSinceMs > PATIENCE_MS) throw heard.error;
      await pause(jittered(PAUSE_MS), signal);
    }
  } catch (error) {
    if (signal?.aborted === true) await cancel(connection, job.id);
    throw error;
  }
}

/** What one connection brought. */
interface Heard {
  readonly ended?: ToldJob;
  /** The server was there. */
  readonly isAnswered: boolean;
  readonly error?: unknown;
}

interface Listening {
  readonly told: Teller;
  readonly signal: AbortSignal | undefined;
}

async function listen(connection: Connection, id: string, { told, signal }: Listening): Promise<Heard> {
  const url = urlBelow(connection.server, `${base}/jobs/${encodeURIComponent(id)}/events`);
  let isAnswered = false;
  try {
    const headers = { accept: "text/event-stream" };
    const response = await send(
      connection,
      { method: "GET", url, headers, repeatable: true, ...(signal === undefined ? {} : { signal }) },
      async (same) => same,
    );
    isAnswered = true;
    for await (const event of readEvents(response)) {
      const ended = told.hear(event);
      if (ended !== undefined) return { ended, isAnswered };
    }
    return { isAnswered };
  } catch (error) {
    signal?.throwIfAborted();
    if (isTilthError(error) && error.code !== "client/unreachable" && error.code !== "request/overloaded") throw error;
    return { isAnswered, error };
  }
}

interface Teller {
  /** Gives the job once it has ended. */
  hear(event: StreamEvent): ToldJob | undefined;
}

/** Passes on what is heard, each remark once. */
function teller({ progress, remark }: FollowOptions): Teller {
  let passed = 0;
  const remarks = (known: readonly string[]): void => {
    for (const text of known.slice(passed)) remark?.(text);
    passed = Math.max(passed, known.length);
  };
  return {
    hear({ event, data }) {
      // A remark by itself stands in the next state, too, which counts them.
      if (event !== "progress" && event !== "end") return undefined;
      const job: ToldJob = JSON.parse(data);
      remarks(job.remarks);
      if (job.progress !== undefined) progress?.(job.progress);
      return event === "end" ? job : undefined;
    },
  };
}

function resultOf({ id, status, result, error }: ToldJob): Json {
  if (status === "cancelled") throw new TilthError("job/cancelled", { job: id });
  if (error !== undefined && status === "failed") throw errorFrom({ ...error });
  // A result of its own is always there; what an operation answers is an object.
  return result ?? {};
}

/** Best effort: the caller has gone already, and a job that has ended cannot be cancelled. */
async function cancel(connection: Connection, id: string): Promise<void> {
  const { signal: _, ...free } = connection;
  const { method, idempotent } = routes["job.cancel"];
  const { url } = addressOf(connection.server, routes["job.cancel"], { id });
  const soon = AbortSignal.timeout(5_000);
  await send(free, { method, url, repeatable: idempotent, signal: soon }, async () => undefined).catch(() => undefined);
}
