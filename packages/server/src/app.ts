import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { AuditFacts, Workspace } from "@tilth/core";
import { loadOperations, TilthError } from "@tilth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import { fastify, LogController } from "fastify";
import { ownPrefix } from "./answer.ts";
import type { Answering } from "./asked.ts";
import { base } from "./base.ts";
import type { Access, Auditing, Caller, RegisterAccess } from "./caller.ts";
import { leaveIdle, leaveInTime, silentConnections } from "./connections.ts";
import { addDownloadRoutes } from "./download-routes.ts";
import { sweepExports } from "./downloads.ts";
import { createReaders } from "./event-stream.ts";
import { addHomePage } from "./home-routes.ts";
import { openKeys } from "./idempotency.ts";
import { giveMemoryBack } from "./idle-memory.ts";
import type { JobLog } from "./job-attempt.ts";
import { openJobBodies } from "./job-bodies.ts";
import { addJobEvents } from "./job-events.ts";
import { createJobNews } from "./job-news.ts";
import { openJobs } from "./jobs.ts";
import type { Limits } from "./limits.ts";
import { defaultLimits } from "./limits.ts";
import type { Load } from "./load.ts";
import { watchLoad } from "./load.ts";
import { addLiveEvents } from "./live-events.ts";
import type { Metrics } from "./metrics.ts";
import { createLateMetrics } from "./late-metrics.ts";
import type { Runner } from "./operation-runner.ts";
import { createOwnRunner } from "./operation-runner.ts";
import { addPageRoutes } from "./page-routes.ts";
import { trustedProxies } from "./proxies.ts";
import { addRefusals, refuseFrame, refuseLine } from "./refusals.ts";
import type { AnyOperation } from "./request-input.ts";
import type { Calls } from "./routes.ts";
import { addOperationRoutes, shownByOf } from "./routes.ts";
import { addShedding } from "./shedding.ts";
import { addUploadRoutes } from "./upload-routes.ts";
import { openUploads } from "./uploads.ts";
import { addWatchRoutes } from "./watch-routes.ts";

export interface AppOptions {
  readonly workspace: Workspace;
  /** Adds what tells callers apart. */
  readonly access: RegisterAccess;
  /** Told of every request of an operation: of a change before it is answered, of what was read or refused after. */
  readonly audit?: Auditing;
  /** How many entries of the audit could not be kept. */
  readonly auditLost?: () => number;
  readonly limits?: Partial<Limits>;
  /** Makes who carries out what is too heavy to be done beside requests. @defaultValue it is done beside them, in this process */
  readonly runner?: (tools: RunnerTools) => Runner;
  /** Proxies whose word is taken for where a request came from. @defaultValue none */
  readonly trustProxy?: readonly string[];
  /** Of Fastify: `false`, or what pino takes. @defaultValue `false` */
  readonly logger?: FastifyServerOptions["logger"];
}

export interface RunnerTools {
  readonly load: Load;
  readonly limits: Limits;
  readonly log: JobLog;
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
  const app = bareApp(options, limits);
  const load = watchLoad(limits, { idle: giveMemoryBack });
  const metrics = createLateMetrics({ workspace, load, ...(options.auditLost === undefined ? {} : { auditLost: options.auditLost }) });
  const stopping = new AbortController();
  const closing = new AbortController();
  addRefusals(app, workspace);
  addLoad(app, load, closing.signal);
  addShedding(app, { load, metrics, isAlwaysAnswered });
  const silent = silentConnections(app); // behind what takes the place of all listeners
  const access = await options.access(app);
  const calls = callsOf(app, { access, ...(options.audit === undefined ? {} : { audit: options.audit }) });
  const runner = options.runner?.({ load, limits, log: app.log }) ?? createOwnRunner(workspace);
  const jobs = openJobs({
    workspace,
    operations,
    runner,
    news: createJobNews(workspace),
    bodies: openJobBodies(join(workspace.paths.data, "uploads", "bodies")),
    most: limits.jobs,
    bodyAgeMs: limits.uploads.ageMs,
    stopping: stopping.signal,
    log: app.log,
    figures: metrics,
  });
  const answering: Answering = {
    workspace,
    limits,
    jobs,
    runner,
    keys: openKeys(join(workspace.paths.data, "idempotency"), limits.keys),
    uploads: openUploads(join(workspace.paths.data, "uploads"), { ...limits.uploads, uploadBytes: limits.uploadBytes }),
    shownBy: shownByOf(operations),
    stopping: stopping.signal,
    observe: (done) => metrics.observe(done),
  };
  addOperationRoutes(app, { operations, calls, answering });
  addUploadRoutes(app, { uploads: answering.uploads, limits, calls });
  addDownloadRoutes(app, { workspace, access, calls });
  addWatchRoutes(app, { workspace, metrics, calls, runner });
  addPageRoutes(app, { operations, version: workspace.toolVersion });
  addHomePage(app, { workspace, calls });
  const changes = operations.find(({ name }) => name === "pool.changes");
  const readers = createReaders(limits.eventClients);
  if (changes !== undefined) addLiveEvents(app, { workspace, readers, calls, changes, closing: closing.signal });
  addJobEvents(app, { workspace, jobs, readers, calls, closing: closing.signal });
  sweepNowAndThen(app, answering);
  logAnswers(app, metrics);
  app.addHook("preClose", async () => {
    closing.abort();
    jobs.drain();
    leaveIdle(app, silent);
  });
  app.addHook("onReady", async () => jobs.start());
  app.addHook("onClose", async () => {
    await jobs.close();
    load.close();
  });
  return { fastify: app, load, metrics, stop: () => stopping.abort() };
}

function bareApp({ workspace, logger = false, trustProxy = [] }: AppOptions, { headersMs }: Limits): FastifyInstance {
  const app = fastify({
    logger,
    trustProxy: trustProxy.length === 0 ? false : trustedProxies(trustProxy),
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: refuseFrame(workspace),
    clientErrorHandler: refuseLine,
    genReqId: ({ headers }) => requestIdOf(headers["x-request-id"]),
    requestIdHeader: false,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    // An address may hold a filter of 8,000 characters, each of them up to 12 bytes long when it is escaped.
    http: { maxHeaderSize: 131_072, headersTimeout: headersMs, connectionsCheckingInterval: Math.min(headersMs, 10_000) },
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 1_000 },
    // Operations check what they are given by schemas of their own: Fastify's compilers, a hundred files, stay unloaded.
    schemaController: { compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema } },
  });
  // Bodies are read by those who want them, each within its own limits.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id);
  });
  return app;
}

function refuseSchema(): never {
  throw new Error("a route with a schema of Fastify");
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

/** Who asks how the server is gets an answer however busy it is; readers of live changes are counted by themselves. */
const alwaysAnswered: ReadonlySet<string> = new Set([
  "/health",
  "/ready",
  "/metrics",
  `${base}/events`,
  `${base}/jobs/events`,
  `${base}/jobs/:id/events`,
]);

function isAlwaysAnswered(path: string): boolean {
  return alwaysAnswered.has(path.replace(/(?<=\/jobs\/)[^/]+(?=\/events$)/, ":id"));
}

function addLoad(app: FastifyInstance, load: Load, closing: AbortSignal): void {
  app.addHook("onRequest", async (request, reply) => {
    if (closing.aborted) throw new TilthError("request/overloaded", { reason: "it is being stopped", seconds: 5 });
    // Whatever becomes of it, a response is closed once.
    if (!alwaysAnswered.has(request.routeOptions.url ?? "")) reply.raw.once("close", load.enter());
  });
}

/** One request of an operation, on its way to the audit. */
interface Call {
  readonly operation: string;
  readonly isChange?: true;
  readonly caller?: Caller;
  facts: AuditFacts;
  isRecorded: boolean;
}

function callsOf(app: FastifyInstance, { access, audit }: { readonly access: Access; readonly audit?: Auditing }): Calls {
  const known = new WeakMap<FastifyRequest, Call>();
  const record = async (call: Call, status: number): Promise<void> => {
    call.isRecorded = true;
    const { facts, isRecorded: _, ...known } = call;
    await audit?.record({ ...known, ...facts, status });
  };
  // What was done is answered for: whoever is told so finds it in the audit, also after a power cut. What was refused changed nothing.
  app.addHook("onSend", async (request: FastifyRequest, { statusCode }: FastifyReply) => {
    const call = known.get(request);
    if (call !== undefined && statusCode < 400 && audit?.isChange(call) === true) await record(call, statusCode);
  });
  app.addHook("onResponse", async (request: FastifyRequest, { statusCode }: FastifyReply) => {
    const call = known.get(request);
    if (call?.isRecorded === false) await record(call, statusCode);
  });
  return {
    guard:
      ({ name, scope, isChange }) =>
      async (request) => {
        const call = { operation: name, facts: {}, isRecorded: false, ...(isChange === undefined ? {} : { isChange }) };
        known.set(request, call);
        const caller = await access.authenticate(request);
        known.set(request, { ...call, caller });
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

const SWEEP_MS = 3_600_000;

function sweepNowAndThen(app: FastifyInstance, { keys, uploads, jobs, workspace, limits }: Answering): void {
  const sweep = (): void => {
    const old = { prefix: ownPrefix, untilMs: Date.now() - limits.uploads.ageMs };
    Promise.all([keys.sweep(), uploads.sweep(), jobs.sweep(), sweepExports(workspace.paths.exports, old)]).catch((error: unknown) =>
      app.log.warn({ err: error }, "could not sweep"),
    );
  };
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  app.addHook("onReady", async () => sweep());
  app.addHook("onClose", async () => clearInterval(timer));
}
