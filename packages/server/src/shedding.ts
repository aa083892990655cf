import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { TilthError } from "@tilth/core";
import type { FastifyInstance } from "fastify";
import type { Load, Refusal } from "./load.ts";
import type { Metrics } from "./metrics.ts";
import type { Problem } from "./problems.ts";

export interface Shedding {
  readonly load: Load;
  readonly metrics: Pick<Metrics, "answered">;
  /** Of an address without its query: whoever asks there is answered however busy the server is. */
  readonly isAlwaysAnswered: (path: string) => boolean;
}

/**
 * Turns requests away before a route is looked for, a key is hashed or a header is set: ten times too many of them must not keep the server
 * from answering those that it lets in.
 */
export function addShedding({ server }: FastifyInstance, { load, metrics, isAlwaysAnswered }: Shedding): void {
  const [handle] = server.listeners("request");
  if (handle === undefined) return;
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const refused = load.refusal();
    if (refused === undefined || isAlwaysAnswered(request.url?.split("?", 1)[0] ?? "")) {
      Reflect.apply(handle, server, [request, response]);
      return;
    }
    turnAway(request, response, refused);
    metrics.answered({ method: request.method ?? "", route: "turned away", status: 503, seconds: 0 });
  });
}

/** A sender who goes on is listened to for a moment, so that the answer is read, and no longer. */
const LATE_MS = 5_000;

function turnAway(request: IncomingMessage, response: ServerResponse, refused: Refusal): void {
  const requestId = randomUUID();
  const problem: Problem = { ...problemOf(refused), requestId };
  const body = Buffer.from(JSON.stringify(problem));
  response.writeHead(503, {
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": body.length,
    "retry-after": String(refused.seconds),
    "x-request-id": requestId,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  response.end(body);
  if (request.complete || request.method === "GET" || request.method === "HEAD") return;
  const late = setTimeout(() => request.destroy(), LATE_MS);
  late.unref();
  request.once("close", () => clearTimeout(late));
}

const problems = new WeakMap<Refusal, Omit<Problem, "requestId">>();

/** Made once for all who are turned away for the same reason: an error, with the calls that led to it, is the dearest part. */
function problemOf(refused: Refusal): Omit<Problem, "requestId"> {
  const known = problems.get(refused);
  if (known !== undefined) return known;
  const { code, message: detail, details } = new TilthError("request/overloaded", { ...refused });
  const made = { type: `/api/errors#${code}`, title: "Service Unavailable", status: 503, detail, code, details };
  problems.set(refused, made);
  return made;
}
