import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Workspace } from "@tilth/core";
import { loadOperations, TilthError } from "@tilth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import { fastify, LogController } from "fastify";
import type { Answering } from "./answer.ts";
import { ownPrefix } from "./answer.ts";
import type { Access, Answered, Caller, RegisterAccess } from "./caller.ts";
import { addDownloadRoutes } from "./download-routes.ts";
import { sweepExports } from "./downloads.ts";
import { openKeys } from "./idempotency.ts";
import type { Limits } from "./limits.ts";
import { defaultLimits } from "./limits.ts";
import type { Load } from "./load.ts";
import { watchLoad } from "./load.ts";
import { addLiveEvents } from "./live-events.ts";
import type { Metrics } from "./metrics.ts";
import { createMetrics } from "./metrics.ts";
import { addPageRoutes } from "./page-routes.ts";
import { addRefusals, refuseFrame, refuseLine } from "./refusals.ts";
import type { AnyOperation } from "./request-input.ts";
import type { Calls } from "./routes.ts";
import { addOperationRoutes, base, shownByOf } from "./routes.ts";
import { addUploadRoutes } from "./upload-routes.ts";
import { openUploads } from "./uploads.ts";
import { addWatchRoutes } from "./watch-routes.ts";

export interface AppOptions {
  readonly workspace: Workspace;
  /** Adds what tells callers apart. */
  readonly access: RegisterAccess;
  /** Told of every answered request of an operation. */
  readonly audit?: (answered: Answered) => void;
  /** How many entries of the audit could not be kept. */
  readonly auditLost?: () => number;
  readonly limits?: Partial<Limits>;
  /** Of Fastify: `false`, or what pino takes. @defaultValue `false` */
  readonly logger?: FastifyServerOptions["logger"];
}

/** A server that does not listen yet. */
export interface App {
  readonly fastify: FastifyInstance;
  readonly load: Load;
  readonly metrics: Metrics;
  /** Ends what is still going on, as the server does once it has waited long enough. */
  stop(): void;
}

/**
 * Makes the server of a workspace: every operation as a route, and what HTTP asks for beside them.
 *
 * The workspace stays the caller's: it is closed after `fastify.close()`.
 *
 * @throws {@link TilthError} what registering the access throws.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { workspace } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const operations: readonly AnyOperation[] = await loadOperations();
  const app = bareApp(options);
  const load = watchLoad(limits);
  const metrics = createMetrics({ workspace, load, ...(options.auditLost === undefined ? {} : { auditLost: options.auditLost }) });
  const stopping = new AbortController();
  const closing = new AbortController();
  addRefusals(app, workspace);
  addLoad(app, load, closing.signal);
  const access = await options.access(app);
  const calls = callsOf(app, { access, ...(options.audit === undefined ? {} : { audit: options.audit }) });
  const answering: Answering = {
    workspace,
    limits,
    keys: openKeys(join(workspace.paths.data, "idempotency"), limits.keys),
    uploads: openUploads(join(workspace.paths.data, "uploads"), { ...limits.uploads, uploadBytes: limits.uploadBytes }),
    shownBy: shownByOf(operations),
    stopping: stopping.signal,
    observe: (done) => metrics.observe(done),
  };
  addOperationRoutes(app, { operations, calls, answering });
  addUploadRoutes(app, { uploads: answering.uploads, limits, calls });
  addDownloadRoutes(app, { workspace, access, calls });
  addWatchRoutes(app, { workspace, metrics, calls });
  addPageRoutes(app, { operations, version: workspace.toolVersion });
  const changes = operations.find(({ name }) => name === "pool.changes");
  if (changes !== undefined) addLiveEvents(app, { workspace, limits, calls, changes, closing: closing.signal });
  sweepNowAndThen(app, answering);
  logAnswers(app, metrics);
  app.addHook("preClose", async () => {
    closing.abort();
    leaveIdle(app);
  });
  app.addHook("onClose", async () => load.close());
  return { fastify: app, load, metrics, stop: () => stopping.abort() };
}

function bareApp({ workspace, logger = false }: AppOptions): FastifyInstance {
  const app = fastify({
    logger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: refuseFrame(workspace),
    clientErrorHandler: refuseLine,
    genReqId: ({ headers }) => requestIdOf(headers["x-request-id"]),
    requestIdHeader: false,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    // An address may hold a filter of 8,000 characters, each of them up to 12 bytes long when it is escaped.
    http: { maxHeaderSize: 131_072 },
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 1_000 },
  });
  // Bodies are read by those who want them, each within its own limits.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id);
  });
  return app;
}

/** An id of the caller's own choice, as long as it can stand in a log. */
function requestIdOf(given: string | readonly string[] | undefined): string {
  return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

/** One line an answer: the route and not the address, which may quote what somebody looks for. */
function logAnswers(app: FastifyInstance, metrics: Metrics): void {
  app.addHook("onResponse", async (request, reply) => {
    const { id: reqId, method } = request;
    const route = request.routeOptions.url ?? "none";
    const status = reply.statusCode;
    app.log.info({ reqId, method, route, status, ms: Math.round(reply.elapsedTime * 10) / 10 }, "answered");
    metrics.answered({ method, route, status, seconds: reply.elapsedTime / 1000 });
    if (!request.raw.complete) leaveInTime(request);
  });
}

/** A sender who goes on after the answer is listened to for a moment, so that the answer is read, and no longer. */
function leaveInTime({ raw }: FastifyRequest): void {
  const late = setTimeout(() => raw.destroy(), 5_000);
  late.unref();
  raw.once("close", () => clearTimeout(late));
}

/** Who asks how the server is gets an answer however busy it is; readers of live changes are counted by themselves. */
const alwaysAnswered: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics", `${base}/events`]);

function addLoad(app: FastifyInstance, load: Load, closing: AbortSignal): void {
  app.addHook("onRequest", async (request, reply) => {
    if (closing.aborted) throw new TilthError("request/overloaded", { reason: "it is being stopped", seconds: 5 });
    // Whatever becomes of it, a response is closed once.
    if (!alwaysAnswered.has(request.routeOptions.url ?? "")) reply.raw.once("close", load.enter());
  });
}

function callsOf(
  app: FastifyInstance,
  { access, audit }: { readonly access: Access; readonly audit?: (answered: Answered) => void },
): Calls {
  const known = new WeakMap<
    FastifyRequest,
    { readonly operation: string; caller?: Caller; facts: Pick<Answered, "object" | "filter" | "count"> }
  >();
  app.addHook("onResponse", async (request: FastifyRequest, reply: FastifyReply) => {
    const call = known.get(request);
    if (call === undefined || audit === undefined) return;
    const { operation, caller, facts } = call;
    audit({ operation, ...(caller === undefined ? {} : { caller }), ...facts, status: reply.statusCode });
  });
  return {
    guard:
      ({ name, scope }) =>
      async (request) => {
        known.set(request, { operation: name, facts: {} });
        const caller = await access.authenticate(request);
        known.set(request, { operation: name, caller, facts: {} });
        access.authorize(caller, scope);
      },
    callerOf(request) {
      const caller = known.get(request)?.caller;
      if (caller === undefined) throw new Error("a route without a guard asked who calls");
      return caller;
    },
    note(request, facts) {
      const call = known.get(request);
      if (call !== undefined) call.facts = { ...call.facts, ...facts };
    },
  };
}

const IDLE_LOOK_MS = 100;

/** A connection whose last answer ends only now would be kept open for the next request, and the server with it. */
function leaveIdle({ server }: FastifyInstance): void {
  const look = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
  server.once("close", () => clearInterval(look));
}

const SWEEP_MS = 3_600_000;

function sweepNowAndThen(app: FastifyInstance, { keys, uploads, workspace, limits }: Answering): void {
  const sweep = (): void => {
    const old = { prefix: ownPrefix, untilMs: Date.now() - limits.uploads.ageMs };
    Promise.all([keys.sweep(), uploads.sweep(), sweepExports(workspace.paths.exports, old)]).catch((error: unknown) =>
      app.log.warn({ err: error }, "could not sweep"),
    );
  };
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  app.addHook("onReady", async () => sweep());
  app.addHook("onClose", async () => clearInterval(timer));
}
