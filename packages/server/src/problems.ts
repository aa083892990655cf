import { STATUS_CODES } from "node:http";
import type { ErrorKind } from "@tilth/core";
import { isTilthError, TilthError } from "@tilth/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { isAbort } from "./request-body.ts";

/** RFC 9457: what a caller is told of a request that was not done. */
export interface Problem {
  /** Leads to the error's line on the page of errors. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** The value, the place and the way out. */
  readonly detail: string;
  /** `example/stale`: what programs branch on. */
  readonly code: string;
  /** Names the request in the log. */
  readonly requestId: string;
  /** What the sentence is made of, for programs. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The status of an error by its kind. */
const statuses: { readonly [Kind in ErrorKind]: number } = {
  input: 400,
  "not-found": 404,
  unsupported: 415,
  forbidden: 403,
  conflict: 409,
  storage: 500,
  data: 422,
  limit: 413,
};

/** Where a kind has several statuses: those that are not the usual one. */
const exceptions: Readonly<Record<string, number>> = {
  "auth/required": 401,
  "auth/invalid": 401,
  "auth/wrong-sign-in": 401,
  "auth/throttled": 429,
  "auth/too-many-requests": 429,
  "request/body": 422,
  "request/method": 405,
  "request/range": 416,
  "request/too-slow": 408,
  "request/overloaded": 503,
  "request/stopped": 503,
  "request/stale": 412,
  "request/key-reused": 422,
  "upload/too-many": 429,
  "capture/too-many": 429,
  "job/interrupted": 503,
  "job/process-ended": 503,
  "embed/endpoint-failed": 503,
  "storage/busy": 503,
  "storage/closed": 503,
  "storage/writer-stopped": 503,
  "storage/full": 507,
  "config/unsupported": 501,
  "rule/failed": 501,
  "embed/package-missing": 501,
  "storage/newer-store": 501,
  "storage/newer-schema": 501,
  "storage/network-file-system": 501,
};

/** Statuses any request may end with, for the description of the API. */
export const problemStatuses = [400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 416, 422, 429, 431, 500, 501, 503, 507] as const;

const RETRY_AFTER_SECONDS = 2;

/** The HTTP status of an error. */
export function statusOf({ code, kind }: { readonly code: string; readonly kind: ErrorKind }): number {
  const exact = exceptions[code];
  if (exact !== undefined) return exact;
  return statuses[kind];
}

export interface ProblemContext {
  readonly request: FastifyRequest;
  /** Folder of the workspace: the rest of the machine's paths is nobody's business. */
  readonly root: string;
}

/** What a caller is told; nothing of what should not have happened but the request's id. */
export function problemOf(error: unknown, { request, root }: ProblemContext): Problem {
  if (isTilthError(error)) {
    const status = statusOf(error);
    return problem(request, status, error.code, error.message.replaceAll(root, "."), detailsOf(error, root));
  }
  if (isAbort(error)) return problemOf(new TilthError("request/stopped", {}, { cause: error }), { request, root });
  const known = fastifyProblem(error);
  if (known !== undefined) return problem(request, known.status, known.code, known.detail);
  return problem(
    request,
    500,
    "unexpected",
    `Something happened that should not: a fault of Tilth. The server's log says more about request ${request.id}.`,
  );
}

/** Answers with a problem. */
export function sendProblem(error: unknown, context: ProblemContext & { readonly reply: FastifyReply }): FastifyReply {
  const { reply } = context;
  const told = problemOf(error, context);
  if (told.status === 503 || told.status === 429) {
    const seconds = told.details?.["seconds"];
    if (!reply.hasHeader("retry-after"))
      void reply.header("retry-after", String(typeof seconds === "number" ? seconds : RETRY_AFTER_SECONDS));
  }
  if (told.status === 401 && !reply.hasHeader("www-authenticate")) void reply.header("www-authenticate", 'Bearer realm="tilth"');
  return reply.code(told.status).header("content-type", "application/problem+json; charset=utf-8").send(JSON.stringify(told));
}

function problem(
  request: FastifyRequest,
  status: number,
  code: string,
  detail: string,
  details?: Readonly<Record<string, unknown>>,
): Problem {
  return {
    type: `/api/errors#${code}`,
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail,
    code,
    requestId: request.id,
    ...(details === undefined ? {} : { details }),
  };
}

function detailsOf({ details }: TilthError, root: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, typeof value === "string" ? value.replaceAll(root, ".") : value]),
  );
}

interface Known {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** What Fastify and its plugins refuse by themselves: their sentences name no content. */
function fastifyProblem(error: unknown): Known | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  const { statusCode: status } = error;
  if (status < 400 || status > 499) return undefined;
  if (status === 415)
    return {
      status,
      code: "request/media-type",
      detail: "The Content-Type of the request cannot be read. Send application/json, or leave it away.",
    };
  if (status === 429) return { status, code: "request/rate", detail: error.message };
  return { status, code: "request/malformed", detail: error.message };
}
