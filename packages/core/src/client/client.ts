import { TilthError } from "../errors.ts";
import type { OperationInput, OperationName, OperationOutput } from "../operations/call.ts";
import type { Json } from "../schema/json.ts";
import type { Progress } from "../schema/progress.ts";
import type { Addressed } from "./address.ts";
import { addressOf, serverUrl } from "./address.ts";
import type { ClientBody, Sendable } from "./body.ts";
import { counted, dispositionOf, jsonBody, nameOf, sendable } from "./body.ts";
import type { Download, DownloadOptions, Exported } from "./download.ts";
import { download } from "./download.ts";
import type { EventsOptions, LiveEvent } from "./events.ts";
import { liveEvents } from "./events.ts";
import type { ToldJob } from "./job.ts";
import { followJob } from "./job.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";
import type { Connection, Sent } from "./send.ts";
import { anySignal, send } from "./send.ts";
import { forgetUpload, PIECE_BYTES, upload } from "./upload.ts";

export interface ClientOptions {
  /** Such as `http://127.0.0.1:7420`, or `https://host/tilth` where a proxy puts a path before it. */
  readonly url: string;
  /** `tilth_…`; a server on this machine without keys needs none. */
  readonly key?: string;
  /** @defaultValue the platform's own */
  readonly fetch?: typeof fetch;
  /** Ends every call and every reading. */
  readonly signal?: AbortSignal;
}

type Routes = typeof routes;
type WithheldOf<Name extends OperationName> = Routes[Name] extends { readonly withheld: readonly (infer Member extends string)[] }
  ? Member
  : never;

/** What an operation takes over HTTP: its input without places of the server's machine. */
export type ClientInput<Name extends OperationName> = Omit<OperationInput<Name>, WithheldOf<Name>>;

/** Operations that take the bytes of a file. */
export type FileOperationName = { [Name in OperationName]: Routes[Name]["body"] extends "stream" ? Name : never }[OperationName];

export interface CallOptions {
  /** Told how far a long operation has come. */
  readonly progress?: (progress: Progress) => void;
  /** Told what a person should know, in one sentence. */
  readonly remark?: (message: string) => void;
  /** Ends the call; a job that it began is cancelled. */
  readonly signal?: AbortSignal;
}

export interface FileCallOptions extends CallOptions {
  readonly body: ClientBody;
  /** What the file is called. @defaultValue the name of a `File`, else `upload` */
  readonly fileName?: string;
}

/** The operations of a server, as if they were here. */
export interface TilthClient {
  /** The address that is asked, without a slash at its end. */
  readonly url: string;
  /**
   * Calls an operation. A server that is busy is asked again when it says so; a connection that breaks is tried again wherever the call
   * then still happens once. Long operations run as jobs of the server: their progress is told, and they go on where the connection breaks.
   *
   * @throws {@link TilthError} what the operation throws; `client/unreachable`, `client/redirected`, `client/not-tilth`, `server/failed`.
   */
  readonly call: <Name extends OperationName>(
    name: Name,
    input: ClientInput<Name>,
    ...options: Name extends FileOperationName ? [options: FileCallOptions] : [options?: CallOptions]
  ) => Promise<OperationOutput<Name>>;
  /** Live changes, until the reader leaves; a broken connection goes on from where it was. */
  readonly events: (options?: EventsOptions) => AsyncIterable<LiveEvent>;
  /**
   * A file that an export wrote.
   *
   * @throws {@link TilthError} `export/no-file`; while it is read `client/changed`, `client/unreachable`.
   */
  readonly download: (exported: Exported, file: string, options?: DownloadOptions) => Promise<Download>;
}

/**
 * Makes a client of a Tilth server. Nothing is sent before the first call.
 *
 * It holds no code of the operations, only their types: an application stays small. The key goes to this server alone and into no message.
 *
 * @throws {@link TilthError} `input/invalid` for an address or a key that can be none.
 * @example
 * import { createClient } from "@tilth/core/client";
 *
 * const tilth = createClient({ url: "http://127.0.0.1:7420" });
 * await tilth.call("example.import", { dataset: "support" }, { body: '{"question":"Peas?","answer":"In March."}\n', fileName: "day.jsonl" });
 * const { examples } = await tilth.call("example.list", { where: "quality.score < 0.4", limit: 10 });
 * const exported = await tilth.call("dataset.export", { version: "support@pool", format: "openai-chat", split: false });
 * for (const { name } of exported.files) for await (const bytes of await tilth.download(exported, name)) console.log(bytes.length);
 */
export function createClient(options: ClientOptions): TilthClient {
  const connection = connectionOf(options);
  return {
    url: connection.server.href.replace(/\/$/, ""),
    async call<Name extends OperationName>(name: Name, input: ClientInput<Name>, given?: CallOptions & Partial<FileCallOptions>) {
      const output = await call(connection, routeOf(name), { input: { ...input }, ...given });
      // oxlint-disable-next-line typescript/consistent-type-assertions -- the server answers with the operation that the name stands for
      return output as OperationOutput<Name>;
    },
    events: (wanted) => liveEvents(connection, wanted),
    download: (exported, file, wanted) => download(connection, exported, file, wanted),
  };
}

function connectionOf({ url, key, fetch: own, signal }: ClientOptions): Connection {
  // Not quoted: it is a secret, also where it is a wrong one.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new TilthError("input/invalid", { where: "key", problem: "it holds signs that no key has" });
  return {
    server: serverUrl(url),
    // Bound late, so that a fetch that somebody replaces is the one that is used.
    fetch: own ?? ((...asked: Parameters<typeof fetch>) => fetch(...asked)),
    ...(key === undefined ? {} : { key }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function routeOf(name: string): Route {
  const known: Readonly<Record<string, Route>> = routes;
  const route = Object.hasOwn(known, name) ? known[name] : undefined;
  if (route === undefined) throw new TilthError("input/invalid", { where: "operation", problem: `there is none named ${name}` });
  return route;
}

interface Called extends CallOptions, Partial<FileCallOptions> {
  readonly input: Readonly<Record<string, unknown>>;
}

async function call(connection: Connection, route: Route, called: Called): Promise<Json> {
  const address = addressOf(connection.server, route, called.input);
  if (route.body !== "stream") {
    const asked = route.body === "json" ? await jsonBody(address.rest) : {};
    return answered(connection, { route, sent: requestOf(route, address, asked) }, called);
  }
  const { body, fileName = body === undefined ? undefined : nameOf(body) } = called;
  if (body === undefined) throw new TilthError("input/invalid", { where: "body", problem: "the bytes of the file are missing" });
  return callWithFile(connection, { route, address, name: fileName ?? "upload", file: sendable(body) }, called);
}

interface FileCall {
  readonly route: Route;
  readonly address: Addressed;
  readonly name: string;
  readonly file: Sendable;
}

/** A large file goes in pieces before the call, so that a broken connection costs one of them. */
async function callWithFile(connection: Connection, { route, address, name, file }: FileCall, called: Called): Promise<Json> {
  const { progress, signal } = called;
  const headers = { "content-type": "application/octet-stream", "content-disposition": dispositionOf(name) };
  if (file.kind === "stream") {
    const body = counted(file.stream, (done) => progress?.({ step: `sending ${name}`, done, unit: "bytes" }));
    return answered(connection, { route, sent: requestOf(route, address, { body, headers }) }, called);
  }
  if (file.blob.size <= PIECE_BYTES)
    return answered(connection, { route, sent: requestOf(route, address, { body: file.blob, headers }) }, called);
  const given = { ...(progress === undefined ? {} : { progress }), ...(signal === undefined ? {} : { signal }) };
  const id = await upload(connection, file.blob, { fileName: name, ...given });
  address.url.searchParams.set("upload", id);
  try {
    return await answered(connection, { route, sent: requestOf(route, address, {}) }, called);
  } finally {
    await forgetUpload(connection, id);
  }
}

/** A call that would happen twice, or begin a second job, names itself, so that sent twice it happens once. */
function requestOf(route: Route, { url }: Addressed, { body, headers }: Pick<Sent, "body" | "headers">): Sent {
  const isSafe = route.readOnly || route.idempotent;
  const isTwo = !isSafe || (route.runs === "job" && route.method !== "GET" && !route.readOnly);
  const names = isTwo && route.isSecret !== true && !(body instanceof ReadableStream);
  return {
    method: route.changesWith?.some((member) => url.searchParams.has(member)) === true ? "POST" : route.method,
    url,
    ...(body === undefined ? {} : { body }),
    headers: {
      ...headers,
      ...(names ? { "idempotency-key": crypto.randomUUID() } : {}),
      ...(route.runs === "job" ? { prefer: "respond-async" } : {}),
    },
    repeatable: isSafe || names,
  };
}

interface Asked {
  readonly route: Route;
  readonly sent: Sent;
}

async function answered(connection: Connection, { route, sent }: Asked, { progress, remark, signal }: CallOptions): Promise<Json> {
  const { signal: always, ...free } = connection;
  const stop = anySignal(always, signal);
  stop?.throwIfAborted();
  // Whoever begins a job has to hear its name to be able to cancel it; what a cut off stream begins is none.
  const waits = route.runs === "job" && !(sent.body instanceof ReadableStream);
  const last = waits && stop !== undefined ? momentAfter(stop) : stop;
  const answer = await send(free, { ...sent, ...(last === undefined ? {} : { signal: last }) }, async (response) => {
    const type = response.headers.get("content-type") ?? "";
    if (!type.startsWith("application/json"))
      throw new TilthError("client/not-tilth", {
        url: `${sent.url.origin}${sent.url.pathname}`,
        problem: `it answered with ${type === "" ? "nothing" : type}`,
      });
    const value: Json = JSON.parse(await response.text());
    return { isJob: response.status === 202, value };
  });
  if (!answer.isJob) {
    stop?.throwIfAborted();
    return answer.value;
  }
  // oxlint-disable-next-line typescript/consistent-type-assertions -- what a 202 holds is a job
  const job = answer.value as unknown as ToldJob;
  return followJob(free, job, {
    ...(stop === undefined ? {} : { signal: stop }),
    ...(progress === undefined ? {} : { progress }),
    ...(remark === undefined ? {} : { remark }),
  });
}

const MOMENT_MS = 1_000;

function momentAfter(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  signal.addEventListener("abort", () => setTimeout(() => late.abort(signal.reason), MOMENT_MS), { once: true });
  return late.signal;
}
