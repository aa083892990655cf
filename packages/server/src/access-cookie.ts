import type { FastifyReply, FastifyRequest } from "fastify";

/** The session's token as the browser sends it. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const value = request.cookies[cookieName(request)];
  return value === undefined || value === "" ? undefined : value;
}

/** Gives the browser its session: no script reads it, no other site sends it. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { token, maxAgeMs }: { readonly token: string; readonly maxAgeMs: number },
): void {
  void reply.setCookie(cookieName(request), token, { ...attributes(request), maxAge: Math.floor(maxAgeMs / 1_000) });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(cookieName(request), attributes(request));
}

function attributes(request: FastifyRequest): {
  readonly path: "/";
  readonly httpOnly: true;
  readonly sameSite: "strict";
  readonly secure: boolean;
} {
  return { path: "/", httpOnly: true, sameSite: "strict", secure: isSecure(request) };
}

/** With https the browser itself holds the cookie to this host. Without, servers on other ports of the machine get it too: each has a name of its own. */
function cookieName(request: FastifyRequest): string {
  return isSecure(request) ? "__Host-tilth" : `tilth-${request.socket.localPort ?? 0}`;
}

function isSecure(request: FastifyRequest): boolean {
  return request.protocol === "https";
}
