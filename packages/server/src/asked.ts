import type { AuditFacts, ByteSource, Workspace } from "@tilth/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "./caller.ts";
import type { Keys } from "./idempotency.ts";
import type { Jobs } from "./jobs.ts";
import type { Limits } from "./limits.ts";
import type { Done } from "./metrics.ts";
import type { Runner } from "./operation-runner.ts";
import type { AnyOperation } from "./request-input.ts";
import type { Uploads } from "./uploads.ts";

/** What every route of an operation needs. */
export interface Answering {
  readonly workspace: Workspace;
  readonly limits: Limits;
  readonly keys: Keys;
  readonly uploads: Uploads;
  readonly jobs: Jobs;
  /** Carries out what is too heavy for this process. */
  readonly runner: Runner;
  /** The operation that shows what another one changes, if one does. */
  readonly shownBy: (operation: AnyOperation) => AnyOperation | undefined;
  /** Aborts when the server has to stop now. */
  readonly stopping: AbortSignal;
  /** Told how long an operation took and what it was about. */
  readonly observe: (done: Done) => void;
}

/** One request for one operation. */
export interface Asked {
  readonly operation: AnyOperation;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller;
  /** The file of a form, where the body is one. */
  readonly file?: ByteSource;
  /** Told what the request turned out to be about. */
  readonly note: (facts: AuditFacts) => void;
}

/** Aborts when whoever asked is gone before the answer is sent. */
export function goneSignal({ reply: { raw } }: Asked): AbortSignal {
  const gone = new AbortController();
  const look = (): void => {
    if (!raw.writableFinished) gone.abort();
  };
  if (raw.destroyed) look();
  raw.once("close", look);
  return gone.signal;
}
