import { createHash, hash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource, OperationContext, Workspace } from "@tilth/core";
import { auditFactsOf, claimRevision, fileSource, isTilthError, refuseOutside, TilthError } from "@tilth/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { performAgain, performJob } from "./answer-job.ts";
import type { Answering, Asked } from "./asked.ts";
import { goneSignal } from "./asked.ts";
import { sendExportedFile } from "./downloads.ts";
import { entityTag, isFresh, onlyRevision, requireMatch } from "./entity-tag.ts";
import type { Form } from "./form.ts";
import { isForm, readForm } from "./form.ts";
import type { KeptAnswer } from "./idempotency.ts";
import { plain } from "./operation-runner.ts";
import type { Performed } from "./outputs.ts";
import { addressed, membersOf, performed } from "./outputs.ts";
import { hasBody, readJson, uploadSource } from "./request-body.ts";
import type { AnyOperation } from "./request-input.ts";
import { inputOf, propertiesOf, queryOf, queryText } from "./request-input.ts";

/** Members of an address that no operation knows: which finished upload is the body, which file of an export is wanted. */
const ownMembers = ["upload", "download"] as const;

/**
 * Answers one request with one operation: parse, ask who may, call, answer.
 *
 * @throws {@link TilthError} whatever refuses the request, and what the operation throws.
 */
export async function answer(given: Asked, deps: Answering): Promise<FastifyReply> {
  const { operation, request, caller } = given;
  const form = await formOf(given, deps);
  const asked: Asked = form === undefined ? given : { ...given, file: form.file };
  const body = operation.body === "json" ? await readJson(request, deps.limits, operation.http.list) : undefined;
  const backups = join(deps.workspace.paths.data, "backups");
  const input = inputOf(operation, {
    request,
    body,
    own: ownMembersOf(operation),
    backups,
    ...(form === undefined ? {} : { fields: form.fields }),
  });
  asked.note(auditFactsOf(input));
  // What is in the body is known only now; the scope was asked for before it was read.
  const { actor, datasets } = caller;
  await refuseOutside(operation, input, { actor, ...(datasets === undefined ? {} : { datasets }) }, () => Promise.resolve(deps.workspace));
  refuseBody(operation, request);
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || request.method === "GET" || request.method === "HEAD")
    return send(asked, await perform(asked, deps, input), deps);
  return send(asked, await performOnce(asked, deps, { input, key }), deps);
}

async function formOf(asked: Asked, { limits, stopping }: Answering): Promise<Form | undefined> {
  const { operation, request } = asked;
  if (operation.body !== "stream" || !isForm(request) || queryText(request, "upload") !== undefined) return undefined;
  return readForm(asked, limits, stopping);
}

function ownMembersOf(operation: AnyOperation): readonly string[] {
  if (operation.body === "stream") return ownMembers.filter((name) => name === "upload");
  return Object.values(operation.http.places ?? {}).includes("own") ? ownMembers.filter((name) => name === "download") : [];
}

function refuseBody({ body, title }: AnyOperation, request: FastifyRequest): void {
  if (body !== "none" || !hasBody(request) || request.method === "GET" || request.method === "HEAD") return;
  throw new TilthError("request/body", { where: "body", problem: `there is nothing to say to “${title}” but in the address` });
}

async function performOnce(
  asked: Asked,
  deps: Answering,
  { input, key }: { readonly input: unknown; readonly key: string },
): Promise<Performed> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new TilthError("request/malformed", { problem: "an Idempotency-Key has 1 to 255 printable characters" });
  const { operation, caller } = asked;
  if (operation.isSecret === true)
    throw new TilthError("request/malformed", { problem: "an answer that is shown once is not kept, so it takes no Idempotency-Key" });
  const upload = queryText(asked.request, "upload");
  const digest = createHash("sha256").update(JSON.stringify([operation.name, input, upload ?? null]));
  // A finished upload is named by its id, and whoever wants the first rows alone reads no more than these.
  const isHashed = operation.body === "stream" && upload === undefined && membersOf(input)["limit"] === undefined;
  let output: unknown;
  let isRead = false;
  const counted = (source: ByteSource): ByteSource => ({
    ...source,
    async *open(listeners) {
      for await (const chunk of source.open(listeners)) {
        if (isHashed) digest.update(chunk);
        yield chunk;
      }
      isRead = true;
    },
  });
  const fingerprint = async (): Promise<string> => {
    if (isHashed && !isRead) {
      const chunks = counted(await bodySource(asked, deps)).open();
      for await (const _ of chunks);
    }
    return digest.copy().digest("hex");
  };
  const told = (done: Performed): KeptAnswer => {
    output = done.output;
    return done.answer;
  };
  const { isReplayed, ...kept } = await deps.keys.once(
    { actor: caller.actor, key, fingerprint, repeatable: operation.idempotent },
    async (pin) => told(await perform(asked, deps, input, { wrap: counted, pin })),
    async (id) => {
      const done = await performAgain(asked, deps, { id, input });
      return done === undefined ? undefined : told(done);
    },
  );
  if (isReplayed) void asked.reply.header("idempotency-replayed", "true");
  return { answer: kept, output };
}

/** Calls the operation. */
async function perform(asked: Asked, deps: Answering, input: unknown, { wrap = (same) => same, pin }: Once = {}): Promise<Performed> {
  const { operation, request } = asked;
  const made = await matched(asked, deps, { ...membersOf(input) });
  const ready = await placedFor(operation, deps.workspace, made);
  const body = operation.body === "stream" ? async (): Promise<ByteSource> => wrap(await bodySource(asked, deps)) : undefined;
  if (operation.runs === "job")
    return performJob(asked, deps, {
      input,
      ready,
      ...(body === undefined ? {} : { body }),
      ...(pin === undefined ? {} : { pin }),
    });
  const startedMs = performance.now();
  try {
    const output = await carriedOut(asked, deps, { ready, ...(body === undefined ? {} : { body }) });
    deps.observe({ operation, input: ready, output, seconds: (performance.now() - startedMs) / 1000 });
    return performed(asked, { input, output }, deps.workspace);
  } catch (error) {
    deps.observe({ operation, input: ready, error, seconds: (performance.now() - startedMs) / 1000 });
    throw request.headers["if-match"] !== undefined && isStale(error) ? await staleOf(error, asked, deps, made) : error;
  }
}

/** What a request with a key wants beside its answer: to see the body, and to name the job that answers it. */
interface Once {
  readonly wrap?: (source: ByteSource) => ByteSource;
  readonly pin?: (job: string) => Promise<void>;
}

/** Where it is heavy, elsewhere. */
async function carriedOut(
  asked: Asked,
  deps: Answering,
  { ready, body }: { readonly ready: unknown; readonly body?: () => Promise<ByteSource> },
): Promise<unknown> {
  const { operation, caller } = asked;
  const { actor, datasets } = caller;
  const signal = signalFor(asked, deps);
  if (operation.runs === "aside") {
    const limit = datasets === undefined ? {} : { datasets: [...datasets] };
    return deps.runner.call("aside", { operation: operation.name, input: plain(ready), actor, ...limit }, { signal });
  }
  const context: OperationContext = {
    actor,
    signal,
    ...(datasets === undefined ? {} : { datasets }),
    ...(body === undefined ? {} : { body: await body() }),
  };
  return run(operation, deps.workspace, ready, context);
}

function run(operation: AnyOperation, workspace: Workspace, input: unknown, context: OperationContext): Promise<unknown> {
  return operation.on === "folder" ? operation.run(workspace.paths.root, input, context) : operation.run(workspace, input, context);
}

async function bodySource({ request, caller, file }: Asked, { uploads, limits, stopping }: Answering): Promise<ByteSource> {
  const upload = queryText(request, "upload");
  if (upload === undefined) return file ?? uploadSource(request, limits, stopping);
  const { path, name } = await uploads.finished(upload, caller.actor);
  return { ...(await fileSource(path)), name };
}

/** Holds a change to the state that If-Match names; where the operation knows revisions, it holds it again by itself. */
async function matched(asked: Asked, deps: Answering, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { operation, request } = asked;
  const ifMatch = request.headers["if-match"];
  if (ifMatch === undefined || request.method === "GET" || request.method === "HEAD") return input;
  const shows = deps.shownBy(operation);
  if (shows === undefined) throw new TilthError("request/no-precondition", { path: pathOf(request) });
  const tag = await tagOf(shows, asked, deps, input);
  const isHeld = "rev" in propertiesOf(operation);
  // The operation compares where nobody can come between, and says what is there in place of what was wanted.
  const only = isHeld ? onlyRevision(ifMatch, tag) : undefined;
  if (only !== undefined) return { ...input, rev: only };
  try {
    const rev = requireMatch(ifMatch, { tag, path: pathOf(request) });
    if (rev === undefined || input["dryRun"] === true) return input;
    if (isHeld) return { ...input, rev };
    await claimRevision(operation, { input, rev }, deps.workspace);
    return input;
  } catch (error) {
    throw isStale(error) ? await staleOf(error, asked, deps, input) : error;
  }
}

/** The ETag of what a change is for, as it is now. */
async function tagOf(
  shows: AnyOperation,
  { caller, request }: Asked,
  { workspace }: Answering,
  input: Record<string, unknown>,
): Promise<string> {
  const known = propertiesOf(shows);
  const target = shows.input.safeParse(Object.fromEntries(Object.entries(input).filter(([name]) => name in known)));
  if (!target.success) throw new TilthError("request/no-precondition", { path: pathOf(request) });
  const output = await run(shows, workspace, target.data, { actor: caller.actor });
  return entityTag(output, JSON.stringify(addressed(output, workspace)));
}

function isStale(error: unknown): error is TilthError {
  return isTilthError(error) && staleCodes.has(error.code);
}

const staleCodes: ReadonlySet<string> = new Set(["example/stale", "dataset/stale", "request/stale"]);

/** Tells who was too late what is there now: its ETag, and of what was to be changed both values. */
async function staleOf(error: TilthError, asked: Asked, deps: Answering, input: Record<string, unknown>): Promise<TilthError> {
  const { operation, request, reply } = asked;
  const shows = deps.shownBy(operation);
  if (shows !== undefined) void reply.header("etag", await tagOf(shows, asked, deps, input));
  const { current = "", given = "", differences } = error.details;
  const path = pathOf(request);
  return new TilthError(
    "request/stale",
    { path, current: detail(current), given: detail(given), ...(differences === undefined ? {} : { differences }) },
    { cause: error },
  );
}

function detail(value: TilthError["details"][string]): string | number {
  return typeof value === "number" || typeof value === "string" ? value : "";
}

/** The operation goes on for whoever reads its result later; what only reads, or has lost its body, stops with its caller. */
function signalFor(asked: Asked, { stopping }: Answering): AbortSignal {
  const { operation } = asked;
  return operation.readOnly || operation.body === "stream" ? AbortSignal.any([stopping, goneSignal(asked)]) : stopping;
}

/** A folder of its own for each set of options: what one caller exports is never another caller's file. */
async function placedFor(operation: AnyOperation, { paths }: Workspace, input: Record<string, unknown>): Promise<unknown> {
  const own = Object.entries(operation.http.places ?? {}).filter(([, place]) => place === "own");
  for (const [name] of own) {
    const folder = `${ownPrefix}${hash("sha256", JSON.stringify([operation.name, input]), "hex").slice(0, 20)}`;
    await mkdir(paths.exports, { recursive: true });
    return { ...input, [name]: join(paths.exports, folder) };
  }
  return input;
}

/** Folders of exports that the server made by itself, and takes away again. */
export const ownPrefix = "http-";

const jsonType = "application/json; charset=utf-8";

async function send(
  asked: Asked,
  { answer: { status, text, headers }, output }: Performed,
  { workspace }: Answering,
): Promise<FastifyReply> {
  const { request, reply } = asked;
  if (status === 202) return reply.code(status).headers(headers).header("content-type", jsonType).send(text);
  const wanted = "download" in queryOf(request) ? queryText(request, "download") : undefined;
  if (wanted !== undefined) return sendExportedFile({ request, reply }, { exports: workspace.paths.exports, output, wanted });
  void reply.headers(headers).header("content-type", jsonType);
  if (request.method === "GET" || request.method === "HEAD") {
    void reply.header("cache-control", "private, no-cache");
    if (isFresh(request.headers["if-none-match"], headers["etag"] ?? "")) return reply.code(304).removeHeader("content-type").send();
  }
  return reply.code(status).send(text);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? request.url;
}
