import type {
  Job,
  JobAttempt,
  JobError,
  JsonObject,
  OperationContext,
  OperationInput,
  OperationName,
  Progress,
  Workspace,
} from "@tilth/core";
import { callOperation, errorCodes, fileSource, isTilthError, TilthError } from "@tilth/core";
import { isAbort } from "./request-body.ts";

/** One call of an operation that is too heavy for the process that answers requests; it can cross to another one. */
export interface HeavyCall extends Pick<Job, "operation" | "input" | "actor" | "datasets"> {
  /** The file whose bytes the operation reads. */
  readonly body?: { readonly path: string; readonly name: string };
  readonly job?: JobAttempt;
}

/** Who hears of a call while it goes on, and ends it. */
export interface Listening {
  readonly signal: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  readonly remark?: (message: string) => void;
}

/** Carries out heavy calls: jobs in the background, others `aside` for somebody who waits. */
export interface Runner {
  /** @throws {@link TilthError} what the operation throws; `job/process-ended` where its process did not live to say. */
  call(kind: "job" | "aside", call: HeavyCall, listening: Listening): Promise<unknown>;
  /** Why calls cannot be carried out, where the last one could not even be begun. */
  problem(): string | undefined;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Carries out heavy calls in this process, as others want them. */
export function createOwnRunner(workspace: Workspace): Runner {
  return {
    call: (_, call, listening) => performCall(workspace, call, listening),
    problem: () => undefined,
    close: () => Promise.resolve(),
  };
}

/**
 * Calls the operation in this process.
 *
 * @throws {@link TilthError} what the operation throws.
 */
export async function performCall(
  workspace: Workspace,
  { operation, input, actor, datasets, body, job }: HeavyCall,
  { signal, progress, remark, turn }: Listening & Pick<OperationContext, "turn">,
): Promise<unknown> {
  const context: OperationContext = {
    actor,
    signal,
    ...(datasets === undefined ? {} : { datasets: new Set(datasets) }),
    ...(body === undefined ? {} : { body: { ...(await fileSource(body.path)), name: body.name } }),
    ...(job === undefined ? {} : { job }),
    ...(progress === undefined ? {} : { progress }),
    ...(remark === undefined ? {} : { remark }),
    ...(turn === undefined ? {} : { turn }),
  };
  const host = { folder: workspace.paths.root, workspace: () => Promise.resolve(workspace) };
  // oxlint-disable-next-line typescript/consistent-type-assertions -- an unknown name is refused, and every input is parsed by the operation's own schema
  return callOperation(operation as OperationName, input as OperationInput<OperationName>, host, context);
}

/** What stands for a failure where it crosses processes; `unexpected` and `aborted` are no errors of the table. */
export function failureOf(error: unknown): JobError {
  if (isTilthError(error)) return { code: error.code, message: error.message, details: plain(error.details) };
  if (isAbort(error)) return { code: "aborted", message: "It was stopped.", details: {} };
  return { code: "unexpected", message: "Something happened that should not: a fault of Tilth. The server's log says more.", details: {} };
}

/** The error that a failure stands for. */
export function errorOf({ code, message, details }: JobError): Error {
  if (code === "aborted") return new DOMException(message, "AbortError");
  if (!Object.hasOwn(errorCodes, code)) return new Error(message);
  // oxlint-disable-next-line typescript/consistent-type-assertions -- a code of the table, with the details it was thrown with
  return new TilthError(code as "input/invalid", details as { where: string; problem: string });
}

/** A value as it is once it crossed. */
export function plain(value: unknown): JsonObject {
  const crossed: JsonObject = JSON.parse(JSON.stringify(value));
  return crossed;
}
