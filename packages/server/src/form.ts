import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BusboyInstance } from "@fastify/busboy";
import { Busboy } from "@fastify/busboy";
import { streamSource, TilthError } from "@tilth/core";
import type { ByteSource } from "@tilth/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";
import { arrivingUnpacked, fileName, isAbort, mediaType } from "./request-body.ts";

/** A form that brings one file, as `curl -F file=@rows.jsonl` and most HTTP libraries send it. */
export interface Form {
  /** What its texts say: members of the input. One that came twice is a list. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  /** Read as it comes; ends with an error where something stands behind it. */
  readonly file: ByteSource;
}

/** True where a body is a form. */
export function isForm(request: FastifyRequest): boolean {
  return mediaType(request) === "multipart/form-data";
}

const MOST_FIELDS = 100;
const FIELD_BYTES = 65_536;
const HEADER_BYTES = 16_384;
/** Of everything that may stand before the file. */
const PROLOGUE_BYTES = 4_000_000;

/**
 * Reads a form up to its file: texts come first, the file is the last part. Memory is constant.
 *
 * @throws {@link TilthError} `request/malformed` for what is no such form, `request/too-large` for texts beyond the limits; both also while
 * the file is read, and `input/damaged` where it is cut off.
 */
export async function readForm(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  limits: Limits,
  signal: AbortSignal,
): Promise<Form> {
  const parser = parserFor(request);
  const fields = new Map<string, readonly string[]>();
  const opened = Promise.withResolvers<ByteSource>();
  let part: Readable | undefined;
  const refuse = (problem: string): void => void parser.destroy(new TilthError("request/malformed", { problem }));
  parser.on("field", (name, value, isNameCut, isValueCut) => {
    if (part !== undefined) refuse(`${JSON.stringify(name)} stands behind the file, and texts come before it`);
    else if (isNameCut || isValueCut) parser.destroy(tooLarge(FIELD_BYTES));
    else fields.set(name, [...(fields.get(name) ?? []), value]);
  });
  parser.on("file", (_name, stream, given) => {
    stream.on("error", () => undefined); // whoever reads it hears of it; where nobody does, nobody waits
    if (part !== undefined) return refuse("the form brings more than one file");
    part = stream;
    const name = fileName({ headers: { "content-disposition": `filename="${given.replaceAll('"', "'")}"` } });
    opened.resolve(streamSource(name, chunksOf(stream, fed)));
  });
  parser.on("partsLimit", () => refuse(`the form has more than ${MOST_FIELDS} parts`));

  // Whoever has been answered reads no further.
  const over = new AbortController();
  reply.raw.once("close", () => over.abort());
  const bytes = withPrologue(arrivingUnpacked(request, "the form", { ...limits, signal }), () => part !== undefined);
  const fed = pipeline(bytes, parser, { signal: over.signal }).catch((error: unknown): never => {
    const told = problemOf(error);
    opened.reject(told);
    part?.destroy(told);
    throw told;
  });
  fed.then(
    () => opened.reject(new TilthError("request/malformed", { problem: "the form brings no file" })),
    () => undefined,
  );
  const file = await opened.promise;
  return {
    fields: Object.fromEntries([...fields].map(([name, [only = "", ...more]]) => [name, more.length === 0 ? only : [only, ...more]])),
    file,
  };
}

function parserFor({ headers }: FastifyRequest): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...headers, "content-type": headers["content-type"] ?? "" },
      limits: {
        parts: MOST_FIELDS,
        fields: MOST_FIELDS,
        fieldNameSize: 200,
        fieldSize: FIELD_BYTES,
        headerPairs: 20,
        headerSize: HEADER_BYTES,
      },
    });
  } catch (cause) {
    throw new TilthError("request/malformed", { problem: "the form does not say what stands between its parts (boundary)" }, { cause });
  }
}

/** The file's bytes, and at its end whether that was the end of the form. */
async function* chunksOf(stream: Readable, fed: Promise<void>): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterable<unknown> = stream;
  for await (const chunk of chunks) if (chunk instanceof Uint8Array) yield chunk;
  await fed;
}

/** Headers, texts and emptiness without end are no form. */
async function* withPrologue(bytes: AsyncIterable<Buffer>, isOver: () => boolean): AsyncGenerator<Buffer> {
  let before = 0;
  for await (const chunk of bytes) {
    yield chunk;
    if (isOver()) continue;
    before += chunk.length;
    if (before > PROLOGUE_BYTES) throw tooLarge(PROLOGUE_BYTES);
  }
}

function tooLarge(limit: number): TilthError<"request/too-large"> {
  return new TilthError("request/too-large", { limit, hint: "That is meant for what stands before the file of a form." });
}

function problemOf(error: unknown): Error {
  if (error instanceof Error && (error instanceof TilthError || isAbort(error))) return error;
  return new TilthError("input/damaged", { path: "the form", problem: "it ends in the middle of a part" }, { cause: error });
}
