import type { StartedSession, Workspace } from "@tilth/core";
import {
  changeOwnPassword,
  checkSignIn,
  createThrottle,
  endSession,
  identifySession,
  redeemSignInLink,
  startSession,
  TilthError,
} from "@tilth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { clearSessionCookie, sessionCookie, setSessionCookie } from "./access-cookie.ts";
import { refuseCrossSite } from "./access-origin.ts";
import { networkOf } from "./access-rates.ts";
import type { Access, Answered, Caller } from "./caller.ts";
import { defaultLimits } from "./limits.ts";
import { readJson } from "./request-body.ts";

interface SessionOptions {
  readonly workspace: Workspace;
  readonly access: Access;
  /** Resolves once the entry is durable. */
  readonly audit?: (answered: Answered) => Promise<void>;
}

/** Attempts without a wait: a person mistypes a few times, an office shares an address. */
const FREE_BY_ACCOUNT = 5;
const FREE_BY_ADDRESS = 20;

/** Adds `/api/session`: who one is, signing in by password or link, signing out, one's own password. */
export function addSessionRoutes(app: FastifyInstance, options: SessionOptions): void {
  const { workspace, access } = options;
  const { clock } = workspace;
  const throttles = {
    account: createThrottle({ clock, free: FREE_BY_ACCOUNT }),
    address: createThrottle({ clock, free: FREE_BY_ADDRESS }),
  };

  app.get("/api/session", async (request, reply) => answer(reply, shown(await access.authenticate(request))));

  app.post("/api/session", async (request, reply) =>
    audited(options, { request, reply }, "session.start", async () => {
      refuseCrossSite(request, { hasCookie: false });
      const [name, password] = await texts(request, ["name", "password"]);
      const storage = await workspace.storage();
      const address = networkOf(request.ip);
      const user = await checkSignIn(storage, { name, password }, { throttles, address, nowMs: clock.nowMs() });
      return begin(request, reply, { workspace, session: await startSession(storage, user, sessionOf(request, workspace)) });
    }),
  );

  app.post("/api/session/link", async (request, reply) =>
    audited(options, { request, reply }, "session.link", async () => {
      refuseCrossSite(request, { hasCookie: false });
      const [token] = await texts(request, ["token"]);
      throttles.address.attempt(networkOf(request.ip));
      const session = await redeemSignInLink(await workspace.storage(), token, sessionOf(request, workspace));
      return begin(request, reply, { workspace, session });
    }),
  );

  app.delete("/api/session", async (request, reply) =>
    audited(options, { request, reply }, "session.end", async () => {
      const caller = await access.authenticate(request);
      const id = await ownSession(request, workspace);
      if (id !== undefined) await endSession(await workspace.storage(), id);
      clearSessionCookie(request, reply);
      return { caller };
    }),
  );

  app.post("/api/session/password", async (request, reply) =>
    audited(options, { request, reply }, "session.password", async () => {
      const caller = await access.authenticate(request);
      const id = await ownSession(request, workspace);
      if (caller.via !== "session" || id === undefined)
        throw new TilthError("auth/required", { reason: "one's own password is set by who has signed in" });
      const [current, password] = await texts(request, ["current", "password"]);
      const own = { user: caller.actor.replace(/^user:/, ""), current, password, keepSession: id };
      await changeOwnPassword(await workspace.storage(), own, { throttles, address: networkOf(request.ip), nowMs: clock.nowMs() });
      return { caller };
    }),
  );
}

interface Settled {
  readonly caller: Caller;
  /** Absent where there is nothing to say. */
  readonly value?: object;
}

/** One entry for each of these requests, whatever came of it; who is let in is answered when the entry is durable. */
async function audited(
  { audit }: SessionOptions,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  operation: string,
  work: () => Promise<Settled>,
): Promise<FastifyReply> {
  const [done] = await Promise.allSettled([work()]);
  const object = networkOf(request.ip);
  if (done.status === "rejected") {
    const isLimit = done.reason instanceof TilthError && done.reason.kind === "limit";
    void audit?.({ operation, object, status: isLimit ? 429 : 401 });
    throw done.reason;
  }
  const { caller, value } = done.value;
  const status = value === undefined ? 204 : 200;
  await audit?.({ operation, object, caller, status });
  return value === undefined ? reply.code(status).send() : answer(reply, value);
}

function begin(
  request: FastifyRequest,
  reply: FastifyReply,
  { workspace, session }: { readonly workspace: Workspace; readonly session: StartedSession },
): Settled {
  setSessionCookie(request, reply, { token: session.token, maxAgeMs: session.endsAtMs - workspace.clock.nowMs() });
  const caller: Caller = { actor: `user:${session.user}`, scopes: new Set(), via: "session" };
  return { caller, value: { actor: caller.actor, endsAt: new Date(session.endsAtMs).toISOString() } };
}

/** Nothing that says who somebody is lies in a cache. */
function answer(reply: FastifyReply, value: object): FastifyReply {
  return reply.header("cache-control", "no-store").header("content-type", "application/json; charset=utf-8").send(JSON.stringify(value));
}

function shown({ actor, via, scopes, datasets }: Caller): object {
  return { actor, via, scopes: [...scopes], ...(datasets === undefined ? {} : { datasets: [...datasets] }) };
}

function sessionOf(
  request: FastifyRequest,
  workspace: Workspace,
): { readonly newId: () => string; readonly nowMs: number; readonly agent: string } {
  return { newId: () => workspace.newId(), nowMs: workspace.clock.nowMs(), agent: request.headers["user-agent"] ?? "" };
}

async function ownSession(request: FastifyRequest, workspace: Workspace): Promise<string | undefined> {
  const token = sessionCookie(request);
  return token === undefined ? undefined : (await identifySession(await workspace.storage(), token, workspace.clock.nowMs())).id;
}

/** The texts that a small JSON body has to hold, and no other member; what they say is never repeated. */
async function texts<const Names extends readonly string[]>(
  request: FastifyRequest,
  names: Names,
): Promise<{ readonly [Index in keyof Names]: string }> {
  const body = await readJson(request, { ...defaultLimits, jsonBytes: 16_000, jsonMs: 10_000 });
  const members = new Map(typeof body === "object" && body !== null ? Object.entries(body) : []);
  const found = names.map((name) => {
    const value = members.get(name);
    if (typeof value !== "string") throw new TilthError("request/body", { where: name, problem: "it must be a text" });
    members.delete(name);
    return value;
  });
  const [more] = members.keys();
  if (more !== undefined) throw new TilthError("request/body", { where: "body", problem: `it takes ${names.join(" and ")} only` });
  // oxlint-disable-next-line typescript/consistent-type-assertions -- one text a name, as the loop above made them
  return found as unknown as { readonly [Index in keyof Names]: string };
}
