import { userInfo } from "node:os";
import { fastifyCookie } from "@fastify/cookie";
import { fastifyHelmet } from "@fastify/helmet";
import { fastifyRateLimit } from "@fastify/rate-limit";
import type { Identity, Scope, Workspace } from "@tilth/core";
import { hasCredentials, identifyKey, identifySession, isTilthError, noteUse, scopes, TilthError } from "@tilth/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { sessionCookie } from "./access-cookie.ts";
import { securityHeaders } from "./access-headers.ts";
import { isLocal, isLoopbackHost, originOf, refuseCrossSite } from "./access-origin.ts";
import type { Rates } from "./access-rates.ts";
import { rateLimits } from "./access-rates.ts";
import { addSessionRoutes } from "./access-session.ts";
import { addSignInPage } from "./access-page.ts";
import type { Access, Answered, Caller } from "./caller.ts";

export interface AccessOptions {
  readonly workspace: Workspace;
  /** Told of signing in and out. */
  readonly audit?: (answered: Answered) => Promise<void>;
  readonly rates?: Rates;
  /** Who sits at this machine, for the time before there are keys. @defaultValue the user of this process */
  readonly localUser?: string;
}

/**
 * Adds what tells callers apart: security headers, cookies, rates, signing in and out.
 *
 * A caller is who a key in `Authorization: Bearer` stands for, else whose session the cookie is. While there is neither a key nor a user
 * with a password, who sits at this machine is an administrator. Cookies and the machine itself are what a foreign page could misuse: both
 * are held to requests of Tilth's own page.
 */
export async function registerAccess(app: FastifyInstance, options: AccessOptions): Promise<Access> {
  const access = createAccess(options);
  const whoIs = async (request: FastifyRequest): Promise<string | undefined> => {
    const [known] = await Promise.allSettled([access.authenticate(request)]);
    return known.status === "fulfilled" ? known.value.actor : undefined;
  };
  await app.register(fastifyHelmet, securityHeaders);
  await app.register(fastifyCookie);
  await app.register(fastifyRateLimit, rateLimits(options.rates ?? {}, whoIs));
  addSessionRoutes(app, { ...options, access });
  addSignInPage(app);
  return access;
}

/**
 * Refuses to listen where others reach the server, while nobody could prove who they are.
 *
 * @throws {@link TilthError} `server/needs-keys`.
 */
export async function refuseOpenHost(workspace: Workspace, host: string): Promise<void> {
  if (isLoopbackHost(host) || (await hasCredentials(await workspace.storage()))) return;
  throw new TilthError("server/needs-keys", { host });
}

/** Who this process runs as. */
export function localUserName(): string {
  try {
    return userInfo().username.toLowerCase();
  } catch {
    return "local"; // a process may run as a user that the system has no name for
  }
}

function createAccess({ workspace, localUser = localUserName() }: AccessOptions): Access {
  const known = new WeakMap<FastifyRequest, Promise<Caller>>();
  const notes = createUseNotes(workspace);
  const local: Caller = { actor: `user:${localUser}`, scopes: new Set(scopes), via: "loopback" };

  async function identify(request: FastifyRequest): Promise<Caller> {
    const storage = await workspace.storage();
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (key === undefined) throw new TilthError("auth/required", { reason: "the header Authorization is not `Bearer KEY`" });
      return callerOf(request, await identifyKey(storage, key, workspace.clock.nowMs()), notes);
    }
    const token = sessionCookie(request);
    const [session] = token === undefined ? [] : await Promise.allSettled([identifySession(storage, token, workspace.clock.nowMs())]);
    if (session?.status === "fulfilled") {
      refuseCrossSite(request, { hasCookie: true });
      return callerOf(request, session.value, notes);
    }
    // A cookie that has ended is left over in many a browser: it stands in nobody's way.
    if (session !== undefined && !isRefusal(session.reason)) throw session.reason;
    if (await hasCredentials(storage)) throw session?.reason ?? new TilthError("auth/required", { reason: "the request brought neither" });
    if (!isLocal(originOf(request)))
      throw new TilthError("auth/required", { reason: "until there is a key, only this machine itself is let in, as localhost" });
    refuseCrossSite(request, { hasCookie: false });
    return local;
  }

  return {
    async authenticate(request) {
      const caller = known.get(request) ?? identify(request);
      known.set(request, caller);
      return caller;
    },
    authorize,
  };
}

function authorize({ actor, scopes: held, datasets }: Caller, scope: Scope, dataset?: string): void {
  if (!held.has(scope)) throw new TilthError("auth/forbidden", { actor, scope });
  if (dataset === undefined || datasets === undefined || datasets.has(dataset)) return;
  throw new TilthError("auth/dataset-forbidden", {
    actor,
    problem: `${dataset} is none of them`,
    datasets: [...datasets].join(", ") || "none are left",
  });
}

function callerOf(request: FastifyRequest, identity: Identity, notes: UseNotes): Caller {
  if (identity.isUseDue) notes.note(request, identity);
  const { kind: via, actor, scopes: held, datasets } = identity;
  return { via, actor, scopes: held, ...(datasets === undefined ? {} : { datasets }) };
}

interface UseNotes {
  note(request: FastifyRequest, identity: Identity): void;
}

/** Last uses are written beside the request: neither waits for the other, and many requests at once write it once. */
function createUseNotes(workspace: Workspace): UseNotes {
  const underWay = new Set<string>();
  return {
    note(request, identity) {
      if (underWay.has(identity.id)) return;
      underWay.add(identity.id);
      workspace
        .storage()
        .then((storage) => noteUse(storage, identity, workspace.clock.nowMs()))
        .catch((error: unknown) => request.log.warn({ err: error }, "could not note the use of a key or a session"))
        .finally(() => underWay.delete(identity.id));
    },
  };
}

function isRefusal(error: unknown): boolean {
  return isTilthError(error) && error.code === "auth/invalid";
}
