import type { ByteSource, Job } from "@tilth/core";
import { isTilthError, TilthError } from "@tilth/core";
import type { Answering, Asked } from "./asked.ts";
import { goneSignal } from "./asked.ts";
import { errorOf, plain } from "./operation-runner.ts";
import type { Performed } from "./outputs.ts";
import { addressedJob, performed } from "./outputs.ts";
import { queryText } from "./request-input.ts";
import { base } from "./base.ts";

export interface JobRequest {
  /** As the caller gave it, and as the operation gets it. */
  readonly input: unknown;
  readonly ready: unknown;
  /** The body as it arrives. */
  readonly body?: () => Promise<ByteSource>;
  /** Told the job's id before it is begun. */
  readonly pin?: (id: string) => Promise<void>;
}

/**
 * Keeps what was asked as a job, its body included, and answers when the job has ended, or at once for whoever prefers that.
 *
 * @throws {@link TilthError} what refuses the body; what the operation throws; `job/cancelled`, `job/interrupted`.
 */
export async function performJob(asked: Asked, deps: Answering, { input, ready, body, pin }: JobRequest): Promise<Performed> {
  const { operation, caller } = asked;
  const { jobs, workspace } = deps;
  const preference = preferenceOf(asked);
  const id = workspace.newId();
  const kept = body === undefined ? undefined : await keepBody(asked, deps, { id, body });
  try {
    await pin?.(id);
    await jobs.begin({
      id,
      operation: operation.name,
      input: plain(ready),
      actor: caller.actor,
      ...(caller.datasets === undefined ? {} : { datasets: [...caller.datasets] }),
      ...(kept === undefined ? {} : { body: kept }),
    });
  } catch (error) {
    if (kept !== undefined) await jobs.bodies.remove(kept);
    throw error;
  }
  return waitForJob(asked, deps, { id, input, preference });
}

/** Answers an earlier request again by its job; nothing where there is none. */
export async function performAgain(
  asked: Asked,
  deps: Answering,
  { id, input }: { readonly id: string; readonly input: unknown },
): Promise<Performed | undefined> {
  try {
    await deps.jobs.find(id);
  } catch (error) {
    if (isTilthError(error) && error.code === "job/not-found") return undefined;
    throw error;
  }
  return waitForJob(asked, deps, { id, input, preference: preferenceOf(asked) });
}

async function keepBody(
  { request, caller }: Asked,
  { jobs, uploads }: Answering,
  { id, body }: { readonly id: string; readonly body: () => Promise<ByteSource> },
): ReturnType<Answering["jobs"]["bodies"]["keep"]> {
  const upload = queryText(request, "upload");
  if (upload === undefined) return jobs.bodies.keep(id, await body());
  return jobs.bodies.adopt(id, await uploads.finished(upload, caller.actor));
}

interface Waiting {
  readonly id: string;
  readonly input: unknown;
  readonly preference: Preference;
}

async function waitForJob(asked: Asked, deps: Answering, { id, input, preference }: Waiting): Promise<Performed> {
  const { operation, reply, note } = asked;
  const { jobs, workspace } = deps;
  note({ job: id });
  if (preference.waitMs === 0) return accepted(await jobs.find(id), preference, deps);
  const gone = goneSignal(asked);
  const enough = preference.waitMs === undefined ? undefined : AbortSignal.timeout(preference.waitMs);
  try {
    const job = await jobs.ended(id, AbortSignal.any([gone, ...(enough === undefined ? [] : [enough])]));
    return performed(asked, { input, output: resultOf(job) }, workspace);
  } catch (error) {
    if (gone.aborted) {
      // What only reads, it would read for nobody; the rest goes on for whoever looks at it later.
      if (operation.readOnly) await jobs.cancel(id);
      throw new TilthError("request/stopped", {}, { cause: error });
    }
    if (enough?.aborted === true) return accepted(await jobs.find(id), preference, deps);
    if (isTilthError(error) && error.code === "job/interrupted") void reply.header("location", placeOf(id));
    throw error;
  }
}

/** @throws {@link TilthError} why it has none. */
function resultOf({ id, status, result, error }: Job): unknown {
  if (status === "cancelled") throw new TilthError("job/cancelled", { job: id });
  if (status === "failed") throw errorOf(error ?? { code: "unexpected", message: "It failed.", details: {} });
  return result;
}

function accepted(job: Job, { text }: Preference, { workspace }: Answering): Performed {
  const headers = { location: placeOf(job.id), "preference-applied": text };
  return { answer: { status: 202, text: JSON.stringify(addressedJob(job, workspace)), headers } };
}

function placeOf(id: string): string {
  return `${base}/jobs/${id}`;
}

/** How long somebody wants to wait for the answer; absent = as long as it takes. */
interface Preference {
  readonly waitMs?: number;
  /** As it is confirmed. */
  readonly text: string;
}

const LONGEST_WAIT_SECONDS = 86_400;

/** @see {@link https://www.rfc-editor.org/rfc/rfc7240 | RFC 7240}: what cannot be understood is no preference. */
function preferenceOf({ request }: Asked): Preference {
  const given = [request.headers["prefer"] ?? []].flat().join(",").toLowerCase();
  const preferences = given.split(",").map((one) => one.split(";")[0]?.trim() ?? "");
  const seconds = preferences.map((one) => /^wait\s*=\s*"?(\d{1,9})"?$/.exec(one)?.[1]).find((found) => found !== undefined);
  const isAsync = preferences.includes("respond-async");
  if (seconds !== undefined) {
    const waitMs = Math.min(Number(seconds), LONGEST_WAIT_SECONDS) * 1_000;
    return { waitMs, text: `${isAsync ? "respond-async, " : ""}wait=${seconds}` };
  }
  return isAsync ? { waitMs: 0, text: "respond-async" } : { text: "" };
}
