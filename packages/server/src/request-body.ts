import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { ByteSource } from "@tilth/core";
import { streamSource, TilthError } from "@tilth/core";
import type { FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";

/** True where a request announces a body, be it an empty one. */
export function hasBody({ headers }: FastifyRequest): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/**
 * Reads a JSON body, packed or not; nothing where there is none.
 *
 * @param list - The member that a body may be by itself: a JSON array, or JSON Lines. A line that is no JSON stays the text it is.
 * @throws {@link TilthError} `request/media-type`, `request/too-large`, `request/too-slow`, `request/malformed`.
 */
export async function readJson(request: FastifyRequest, limits: Limits, list?: string): Promise<unknown> {
  if (!hasBody(request)) return undefined;
  const type = mediaType(request);
  const within = list === undefined ? limits : { ...limits, jsonBytes: limits.listBytes };
  if (list !== undefined && lineTypes.has(type)) return { [list]: linesOf(await readText(request, within)) };
  if (type !== "" && type !== "application/json" && !type.endsWith("+json"))
    throw new TilthError("request/media-type", {
      given: type,
      hint: list === undefined ? "Send application/json." : "Send application/json, or application/x-ndjson with one of them a line.",
    });
  const text = await readText(request, within);
  if (text.trim() === "") return undefined;
  const value = parseJson(text);
  return list !== undefined && Array.isArray(value) ? { [list]: value } : value;
}

const lineTypes: ReadonlySet<string> = new Set([
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/json-lines",
]);

function linesOf(text: string): readonly unknown[] {
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [lineOf(line)]));
}

/** What is wrong with one line is no reason to refuse the others. */
function lineOf(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return line;
  }
}

/**
 * The bytes of an upload, unpacked where the transfer packs them; memory is constant.
 *
 * @throws {@link TilthError} `request/media-type`; while it is read `request/too-large`, and `input/damaged` where it ends too early.
 */
export function uploadSource(request: FastifyRequest, limits: Limits, signal?: AbortSignal): ByteSource {
  const type = mediaType(request);
  // What calls itself a form is none: `curl --data-binary @FILE` calls every file so.
  if (type.startsWith("multipart/"))
    throw new TilthError("request/media-type", {
      given: type,
      hint: "Send the file as the body itself, as `curl --data-binary @FILE` does, or as the file of a multipart/form-data.",
    });
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limits.uploadBytes) throw tooLarge(limits.uploadBytes);
  const name = fileName(request);
  return streamSource(name, arrivingUnpacked(request, name, { ...limits, ...(signal === undefined ? {} : { signal }) }));
}

/** The bytes as they arrive, unpacked where the transfer packs them. */
export function arrivingUnpacked(request: FastifyRequest, name: string, limits: ArrivalLimits): AsyncGenerator<Buffer> {
  return decoded(request, name, arriving(request, name, limits));
}

interface ArrivalLimits extends Pick<Limits, "uploadBytes" | "pauseMs"> {
  /** Ends the waiting for more. */
  readonly signal?: AbortSignal;
}

/**
 * The bytes as they arrive, within the limits. Whoever stops reading leaves the connection open, so that an answer can still be given.
 *
 * @throws {@link TilthError} `request/too-large`; `request/too-slow` where nothing arrives any more; `input/damaged` where the sender is gone.
 */
export async function* arriving(request: FastifyRequest, name: string, limits: ArrivalLimits): AsyncGenerator<Buffer> {
  let bytes = 0;
  const chunks: AsyncIterator<unknown> = request.raw.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await inTime(chunks.next(), limits, { name, bytes });
    if (next.done === true) return;
    if (!Buffer.isBuffer(next.value)) continue;
    bytes += next.value.length;
    if (bytes > limits.uploadBytes) throw tooLarge(limits.uploadBytes);
    yield next.value;
  }
}

async function inTime<T>(
  next: Promise<T>,
  { pauseMs, signal }: ArrivalLimits,
  { name, bytes }: { readonly name: string; readonly bytes: number },
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new TilthError("request/too-slow", { seconds: pauseMs / 1000 })), pauseMs);
  const stop = (): void => late.reject(signal?.reason);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted === true) stop();
  try {
    return await Promise.race([next, late.promise]);
  } catch (cause) {
    next.catch(() => undefined); // nobody waits for it any more
    if (cause instanceof TilthError || signal?.aborted === true) throw cause;
    throw new TilthError(
      "input/damaged",
      { path: name, problem: `the connection ended after ${bytes.toLocaleString("en-US")} bytes` },
      { cause },
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<unknown> = stream;
  for await (const chunk of chunks) if (Buffer.isBuffer(chunk)) yield chunk;
}

function decoded(request: FastifyRequest, name: string, bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  return isPacked(request) ? unpacked(name, bytes) : bytes;
}

/** @throws {@link TilthError} `request/media-type` for a packing that is not undone here. */
function isPacked({ headers }: FastifyRequest): boolean {
  const encoding = (headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return false;
  if (encoding === "gzip" || encoding === "x-gzip") return true;
  throw new TilthError("request/media-type", { given: `packed with ${encoding}`, hint: "Pack it with gzip, or not at all." });
}

/** Far above what text packs to, far below what bombs do. */
const BOMB_RATIO = 500;
const FREE_BYTES = 16_000_000;

async function* unpacked(name: string, bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let packed = 0;
  let given = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const source = Readable.from(counted(), { objectMode: false });
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of chunksOf(gunzip)) {
      given += chunk.length;
      if (given > FREE_BYTES && given > BOMB_RATIO * packed)
        throw new TilthError("input/damaged", { path: name, problem: `it unpacks to more than ${BOMB_RATIO} times its size` });
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof TilthError || isAbort(cause)) throw cause;
    throw new TilthError("input/damaged", { path: name, problem: "it is no gzip" }, { cause });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function readText(request: FastifyRequest, limits: Limits): Promise<string> {
  if (Number(request.headers["content-length"] ?? 0) > limits.jsonBytes) throw tooLarge(limits.jsonBytes);
  const untilMs = performance.now() + limits.jsonMs;
  const within = { uploadBytes: limits.jsonBytes, pauseMs: Math.min(limits.pauseMs, limits.jsonMs) };
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decoded(request, "the body", arriving(request, "the body", within))) {
      bytes += chunk.length;
      if (bytes > limits.jsonBytes) throw tooLarge(limits.jsonBytes);
      if (performance.now() > untilMs) throw new TilthError("request/too-slow", { seconds: limits.jsonMs / 1000 });
      chunks.push(Buffer.from(chunk));
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    if (cause instanceof TilthError && cause.code !== "input/damaged") throw cause;
    const problem = cause instanceof TypeError ? "the body is not UTF-8" : "the body is cut off or damaged";
    throw new TilthError("request/malformed", { problem }, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    // A member of this name would change what an object is, wherever it is copied.
    return JSON.parse(text, text.includes("__proto__") || text.includes("\\u005f") ? refuseProto : undefined);
  } catch (cause) {
    const problem = cause instanceof RangeError ? cause.message : "the body is no JSON";
    throw new TilthError("request/malformed", { problem });
  }
}

/** True for the reason of a signal that ended something. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new RangeError("the body has a member __proto__");
  return value;
}

function tooLarge(limit: number): TilthError<"request/too-large"> {
  return new TilthError("request/too-large", { limit, hint: "Send it in several requests, or have the limit raised." });
}

/** The Content-Type without its parameters, in small letters. */
export function mediaType({ headers }: FastifyRequest): string {
  return (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** The name that the sender gives the file, without its folders. */
export function fileName({ headers }: { readonly headers: Pick<IncomingHttpHeaders, "content-disposition"> }): string {
  const disposition = headers["content-disposition"] ?? "";
  const [, quoted, plain] = /filename="([^"]*)"|filename=([^;\s]+)/i.exec(disposition) ?? [];
  const name = (anyLetters(disposition) ?? quoted ?? plain ?? "").split(/[/\\]/).at(-1) ?? "";
  return /^[^\p{C}]{1,200}$/u.test(name) ? name : "upload";
}

/** `filename*=UTF-8''…`, which says any letter (RFC 8187) and counts before the plain name. */
function anyLetters(disposition: string): string | undefined {
  const [, escaped] = /filename\*=UTF-8'[^']*'([^;\s]+)/i.exec(disposition) ?? [];
  try {
    return escaped === undefined ? undefined : decodeURIComponent(escaped);
  } catch {
    return undefined; // no UTF-8: the plain name will do
  }
}
