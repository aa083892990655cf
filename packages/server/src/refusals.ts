import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import type { Workspace } from "@tilth/core";
import { TilthError } from "@tilth/core";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { problemOf, sendProblem } from "./problems.ts";

/** Answers with a problem whatever a route throws, and where there is no route. */
export function addRefusals(app: FastifyInstance, { paths: { root } }: Workspace): void {
  app.setErrorHandler(async (error, request, reply) => {
    const told = problemOf(error, { request, root });
    if (told.status >= 500 && told.status !== 503) request.log.error({ reqId: request.id, err: error }, "failed");
    return sendProblem(error, { request, reply, root });
  });
  const routes: Route[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url, pattern: patternOf(url) });
  });
  // Before Fastify looks at what a body is said to be: where there is nothing, that does not matter.
  app.addHook("onRequest", async (request, reply) => {
    if (request.is404 || isElsewhere(request, routes)) refuseAddress(request, reply, routes);
  });
  app.setNotFoundHandler(async (request, reply) => refuseAddress(request, reply, routes));
}

/** `/examples/tag` is no example named tag, whichever the method. */
function isElsewhere({ url, routeOptions }: FastifyRequest, routes: readonly Route[]): boolean {
  const path = url.split("?")[0];
  return routeOptions.url !== path && routes.some((route) => route.url === path);
}

/** @throws {@link TilthError} `request/not-found`, or `request/method` where the address answers others. */
function refuseAddress(request: FastifyRequest, reply: FastifyReply, routes: readonly Route[]): never {
  const path = request.url.split("?")[0] ?? "";
  const allowed = allowedAt(path, routes);
  if (allowed.length === 0) throw new TilthError("request/not-found", { path });
  void reply.header("allow", allowed.join(", "));
  throw new TilthError("request/method", { path, method: request.method, allowed: allowed.join(", ") });
}

/** Answers what Fastify refuses before it looks for a route, such as an address that cannot be decoded. */
export function refuseFrame({ paths: { root } }: Workspace): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    void reply.header("x-request-id", request.id);
    void sendProblem(error, { request, reply, root });
  };
}

const lineProblems: Readonly<Record<string, readonly [status: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "The headers are longer than 128 kB."],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The headers did not arrive in time."],
};

/** Answers what is no HTTP. */
export function refuseLine(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = lineProblems[error.code ?? ""] ?? ["400 Bad Request", "This is no HTTP request."];
  const code = "request/malformed";
  const requestId = randomUUID();
  const body = JSON.stringify({
    type: `/api/errors#${code}`,
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    detail,
    code,
    requestId,
  });
  const headers = [
    "content-type: application/problem+json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    `x-request-id: ${requestId}`,
  ];
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join("\r\n")}\r\n\r\n${body}`);
}

interface Route {
  readonly method: string;
  readonly url: string;
  readonly pattern: RegExp;
}

/** What an address answers: of its own routes where there are such, else of those with places in their path. */
function allowedAt(path: string, routes: readonly Route[]): readonly string[] {
  const fitting = routes.filter(({ pattern }) => pattern.test(path));
  const own = fitting.filter(({ url }) => url === path);
  return [...new Set((own.length > 0 ? own : fitting).map(({ method }) => method))];
}

/** What an address must look like to belong to a route. */
function patternOf(url: string): RegExp {
  const literal = url.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll(/:\w+/g, "[^/]+")}$`);
}
