import { createHash, hash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource, OperationContext, Workspace } from "@tilth/core";
import { fileSource, refuseOutside, TilthError } from "@tilth/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Answered, Caller } from "./caller.ts";
import { sendExportedFile } from "./downloads.ts";
import { entityTag, isFresh, requireMatch } from "./entity-tag.ts";
import type { KeptAnswer, Keys } from "./idempotency.ts";
import type { Limits } from "./limits.ts";
import { hasBody, readJson, uploadSource } from "./request-body.ts";
import type { AnyOperation } from "./request-input.ts";
import { inputOf, propertiesOf, queryOf, queryText } from "./request-input.ts";
import type { Uploads } from "./uploads.ts";

/** What every route of an operation needs. */
export interface Answering {
  readonly workspace: Workspace;
  readonly limits: Limits;
  readonly keys: Keys;
  readonly uploads: Uploads;
  /** The operation that shows what another one changes, if one does. */
  readonly shownBy: (operation: AnyOperation) => AnyOperation | undefined;
  /** Aborts when the server has to stop now. */
  readonly stopping: AbortSignal;
  /** Told how long an operation took and what it was about. */
  readonly observe: (done: Done) => void;
}

/** An operation that was carried out. */
export interface Done {
  readonly operation: AnyOperation;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly seconds: number;
}

/** One request for one operation. */
export interface Asked {
  readonly operation: AnyOperation;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller;
  /** Told what the request turned out to be about. */
  readonly note: (facts: Pick<Answered, "object" | "filter" | "count">) => void;
}

/** Members of an address that no operation knows: which finished upload is the body, which file of an export is wanted. */
const ownMembers = ["upload", "download"] as const;

/**
 * Answers one request with one operation: parse, ask who may, call, answer.
 *
 * @throws {@link TilthError} whatever refuses the request, and what the operation throws.
 */
export async function answer(asked: Asked, deps: Answering): Promise<FastifyReply> {
  const { operation, request, caller } = asked;
  const body = operation.body === "json" ? await readJson(request, deps.limits) : undefined;
  const backups = join(deps.workspace.paths.data, "backups");
  const input = inputOf(operation, { request, body, own: ownMembersOf(operation), backups });
  asked.note(factsOf(input));
  // What is in the body is known only now; the scope was asked for before it was read.
  const { actor, datasets } = caller;
  await refuseOutside(operation, input, { actor, ...(datasets === undefined ? {} : { datasets }) }, () => Promise.resolve(deps.workspace));
  refuseBody(operation, request);
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || request.method === "GET" || request.method === "HEAD")
    return send(asked, await perform(asked, deps, input), deps);
  return send(asked, await performOnce(asked, deps, { input, key }), deps);
}

function ownMembersOf(operation: AnyOperation): readonly string[] {
  if (operation.body === "stream") return ownMembers.filter((name) => name === "upload");
  return Object.values(operation.http.places ?? {}).includes("own") ? ownMembers.filter((name) => name === "download") : [];
}

function refuseBody({ body, title }: AnyOperation, request: FastifyRequest): void {
  if (body !== "none" || !hasBody(request) || request.method === "GET" || request.method === "HEAD") return;
  throw new TilthError("request/body", { where: "body", problem: `there is nothing to say to “${title}” but in the address` });
}

interface Performed {
  readonly answer: KeptAnswer;
  readonly output?: unknown;
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
  const { isReplayed, ...kept } = await deps.keys.once(
    { actor: caller.actor, key, fingerprint, repeatable: operation.idempotent },
    async () => {
      const done = await perform(asked, deps, input, counted);
      output = done.output;
      return done.answer;
    },
  );
  if (isReplayed) void asked.reply.header("idempotency-replayed", "true");
  return { answer: kept, output };
}

/** Calls the operation. */
async function perform(
  asked: Asked,
  deps: Answering,
  input: unknown,
  wrap: (source: ByteSource) => ByteSource = (same) => same,
): Promise<Performed> {
  const { operation, request, caller } = asked;
  const made = await matched(asked, deps, { ...membersOf(input) });
  const ready = await placedFor(operation, deps.workspace, made);
  const startedMs = performance.now();
  try {
    const context: OperationContext = {
      actor: caller.actor,
      ...(caller.datasets === undefined ? {} : { datasets: caller.datasets }),
      signal: signalFor(asked, deps),
      ...(operation.body === "stream" ? { body: wrap(await bodySource(asked, deps)) } : {}),
    };
    const output = await run(operation, deps.workspace, ready, context);
    deps.observe({ operation, input: ready, output, seconds: (performance.now() - startedMs) / 1000 });
    asked.note({ ...factsOf(input), ...countOf(output) });
    const text = JSON.stringify(addressed(output, deps.workspace));
    const headers = { etag: entityTag(output, text), ...linkTo(request, output) };
    return { answer: { status: 200, text, headers }, output };
  } catch (error) {
    deps.observe({ operation, input: ready, error, seconds: (performance.now() - startedMs) / 1000 });
    if (request.headers["if-match"] !== undefined && error instanceof TilthError && error.code === "example/stale") {
      const { current = "", given = "" } = error.details;
      throw new TilthError("request/stale", { path: pathOf(request), current: String(current), given: String(given) }, { cause: error });
    }
    throw error;
  }
}

function run(operation: AnyOperation, workspace: Workspace, input: unknown, context: OperationContext): Promise<unknown> {
  return operation.on === "folder" ? operation.run(workspace.paths.root, input, context) : operation.run(workspace, input, context);
}

async function bodySource({ request, caller }: Asked, { uploads, limits, stopping }: Answering): Promise<ByteSource> {
  const upload = queryText(request, "upload");
  if (upload === undefined) return uploadSource(request, limits, stopping);
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
  const known = propertiesOf(shows);
  const target = shows.input.parse(Object.fromEntries(Object.entries(input).filter(([name]) => name in known)));
  const output = await run(shows, deps.workspace, target, { actor: asked.caller.actor });
  const rev = requireMatch(ifMatch, { tag: entityTag(output, JSON.stringify(addressed(output, deps.workspace))), path: pathOf(request) });
  return rev === undefined || !("rev" in propertiesOf(operation)) ? input : { ...input, rev };
}

/** The operation goes on for whoever reads its result later; what only reads, or has lost its body, stops with its caller. */
function signalFor({ operation, reply }: Asked, { stopping }: Answering): AbortSignal {
  if (!operation.readOnly && operation.body !== "stream") return stopping;
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return AbortSignal.any([stopping, gone.signal]);
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

async function send(
  asked: Asked,
  { answer: { status, text, headers }, output }: Performed,
  { workspace }: Answering,
): Promise<FastifyReply> {
  const { request, reply } = asked;
  const wanted = "download" in queryOf(request) ? queryText(request, "download") : undefined;
  if (wanted !== undefined) return sendExportedFile({ request, reply }, { exports: workspace.paths.exports, output, wanted });
  void reply.headers(headers).header("content-type", "application/json; charset=utf-8");
  if (request.method === "GET" || request.method === "HEAD") {
    void reply.header("cache-control", "private, no-cache");
    if (isFresh(request.headers["if-none-match"], headers["etag"] ?? "")) return reply.code(304).removeHeader("content-type").send();
  }
  return reply.code(status).send(text);
}

/** A folder of this machine as the address where its files can be fetched. */
function addressed(output: unknown, { paths }: Workspace): unknown {
  const { folder } = membersOf(output);
  if (typeof folder !== "string") return output;
  const inside = folder.startsWith(paths.exports)
    ? `/api/training-data/exports${folder.slice(paths.exports.length)}`
    : folder.replaceAll(paths.root, ".");
  return { ...membersOf(output), folder: inside };
}

/** The page after this one, where there is one. */
function linkTo(request: FastifyRequest, output: unknown): Readonly<Record<string, string>> {
  const { next } = membersOf(output);
  if (request.method !== "GET" || typeof next !== "string") return {};
  const url = new URL(request.url, "http://localhost");
  url.searchParams.set("cursor", next);
  return { link: `<${url.pathname}${url.search}>; rel="next"` };
}

function factsOf(input: unknown): Pick<Answered, "object" | "filter"> {
  const { id, dataset, version, where } = membersOf(input);
  const object = [id, version, dataset].find((value) => typeof value === "string");
  return { ...(typeof object === "string" ? { object } : {}), ...(typeof where === "string" ? { filter: where } : {}) };
}

function countOf(output: unknown): Pick<Answered, "count"> {
  const members = membersOf(output);
  for (const name of ["examples", "hits", "datasets", "versions", "changes"]) {
    const value = members[name];
    if (Array.isArray(value)) return { count: value.length };
  }
  for (const name of ["changed", "read", "rows"]) {
    const value = members[name];
    if (typeof value === "number") return { count: value };
  }
  return {};
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? request.url;
}
