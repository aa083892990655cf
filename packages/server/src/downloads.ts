import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { TilthError } from "@tilth/core";
import type { FastifyReply, FastifyRequest } from "fastify";

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A file that can be fetched. */
export interface Download {
  readonly path: string;
  readonly name: string;
  /** SHA-256 of its bytes, where it is known. */
  readonly sha256?: string;
}

/**
 * Sends a file, or the range of it that was asked for. Memory is constant; an unchanged file is not sent again.
 *
 * @throws {@link TilthError} `request/range` for a range outside, `export/no-file` where it is gone.
 */
export async function sendFile({ request, reply }: Exchange, { path, name, sha256 }: Download): Promise<FastifyReply> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) throw new TilthError("export/no-file", { file: name, hint: "Export again." });
  const tag = `"${sha256 ?? `${facts.size.toString(36)}-${Math.trunc(facts.mtimeMs).toString(36)}`}"`;
  void reply.headers({
    etag: tag,
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    "content-type": typeOf(name),
    "content-disposition": dispositionOf(basename(name)),
    "x-content-type-options": "nosniff",
  });
  if (request.headers["if-none-match"]?.includes(tag) === true) return reply.code(304).send();
  if (wantsDigest(request)) void reply.header("repr-digest", `sha-256=:${await digestOf(path, sha256)}:`);
  const range = rangeOf(request, facts.size, tag);
  if (range === "outside") {
    void reply.header("content-range", `bytes */${facts.size}`);
    throw new TilthError("request/range", { path: name, bytes: facts.size });
  }
  const { start, end } = range ?? { start: 0, end: facts.size - 1 };
  void reply.header("content-length", String(end - start + 1));
  if (range !== undefined) void reply.code(206).header("content-range", `bytes ${start}-${end}/${facts.size}`);
  // A stream, since of a text the length would be told in place of the file's.
  if (request.method === "HEAD" || facts.size === 0) return reply.send(Readable.from([]));
  return reply.send(createReadStream(path, { start, end, highWaterMark: 256 * 1024 }));
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc9530 | RFC 9530} */
function wantsDigest({ headers }: FastifyRequest): boolean {
  const wanted = headers["want-repr-digest"];
  return typeof wanted === "string" && /\bsha-256=[1-9]/i.test(wanted);
}

async function digestOf(path: string, sha256: string | undefined): Promise<string> {
  if (sha256 !== undefined) return Buffer.from(sha256, "hex").toString("base64");
  const digest = createHash("sha256");
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 1 << 20 });
  for await (const chunk of chunks) digest.update(chunk);
  return digest.digest("base64");
}

/** The plain name is for what knows no other, such as `curl -OJ`. */
function dispositionOf(name: string): string {
  const plain = name.replaceAll(/[^\w. -]/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}

/** Takes away what the server wrote for others and nobody has fetched for long; what somebody wrote on this machine stays. */
export async function sweepExports(
  exports: string,
  { prefix, untilMs }: { readonly prefix: string; readonly untilMs: number },
): Promise<void> {
  for (const name of await readdir(exports).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const facts = await stat(join(exports, name)).catch(() => undefined);
    if (facts !== undefined && facts.mtimeMs < untilMs) await rm(join(exports, name), { recursive: true, force: true });
  }
}

/**
 * Finds a file of an export by its folder's name and its own.
 *
 * @throws {@link TilthError} `export/no-file`.
 */
export async function findExported(exports: string, folder: string, file: string): Promise<Found> {
  const known = await filesOf(exports, folder);
  const found = known.find(({ name }) => name === file);
  if (found !== undefined) return found;
  throw new TilthError("export/no-file", { file, hint: hintOf(known.map(({ name }) => name)) });
}

/**
 * Sends the file of an export that was just made: by its name or its split, or the only one there is.
 *
 * @throws {@link TilthError} `export/no-file`.
 */
export async function sendExportedFile(
  exchange: Exchange,
  { exports, output, wanted }: { readonly exports: string; readonly output: unknown; readonly wanted: string },
): Promise<FastifyReply> {
  const { folder, files } = exportOf(output);
  const found =
    files.find(({ name, split }) => name === wanted || split === wanted) ??
    (wanted === "true" && files.length === 1 ? files[0] : undefined);
  if (found === undefined) throw new TilthError("export/no-file", { file: wanted, hint: hintOf(files.map(({ name }) => name)) });
  const download = await findExported(exports, basename(folder), found.name);
  void exchange.reply.header(
    "content-location",
    `/api/training-data/exports/${encodeURIComponent(basename(folder))}/${encodeURI(found.name)}`,
  );
  return sendFile(exchange, download);
}

interface Exported {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly split?: string }[];
}

/** A replayed answer is not the operation's output any more: it is asked for without a key. */
function exportOf(output: unknown): Exported {
  if (typeof output === "object" && output !== null && "folder" in output && "files" in output && typeof output.folder === "string") {
    const { folder, files } = output;
    if (Array.isArray(files)) return { folder, files };
  }
  return { folder: "", files: [] };
}

/** A file, and the datasets whose examples it holds; absent where nobody knows. */
export interface Found extends Download {
  readonly datasets?: readonly string[];
}

/**
 * Finds the list of rows that an import refused, or its report.
 *
 * @throws {@link TilthError} `export/no-file`.
 */
export async function findRejected(imports: string, id: string, file: string): Promise<Found> {
  const path = join(imports, id);
  const names = /^[0-9A-Z]{26}$/.test(id) ? await readdir(path).catch(() => []) : [];
  const name = names.find((one) => one === file && (one === "report.json" || one.endsWith(".rejected.jsonl")));
  if (name === undefined) throw new TilthError("export/no-file", { file, hint: hintOf(names) });
  return { path: join(path, name), name };
}

/** What the receipt names and what belongs to it; in a folder without one, what lies there. Nothing else of the disk has a name here. */
async function filesOf(exports: string, folder: string): Promise<readonly Found[]> {
  if (!/^[\w][\w.@ -]{0,250}$/.test(folder)) return [];
  const path = join(exports, folder);
  const receipt = await readReceipt(join(path, receiptName));
  if (receipt === undefined) return withDatasets(await filesIn(path, path), await checkedOut(path));
  const datasets = [...new Set(receipt.exports.map(({ dataset }) => dataset))];
  const named = receipt.exports.flatMap(({ dataset, files }) =>
    files.flatMap(({ name, sha256 }) => [
      { path: join(path, name), name, sha256, datasets: [dataset] },
      { path: join(path, ".tilth-ids", `${name}.ids`), name: `.tilth-ids/${name}.ids`, datasets: [dataset] },
    ]),
  );
  const own = [{ path: join(path, receiptName), name: receiptName }, ...(await filesIn(join(path, ".tilth-refused"), path))];
  return [...named, ...withDatasets(own, datasets)];
}

const receiptName = ".tilth-receipt.json";

function withDatasets(files: readonly Download[], datasets: readonly string[] | undefined): readonly Found[] {
  return datasets === undefined ? files : files.map((file) => ({ ...file, datasets }));
}

/** The files below a folder, named from another one above it. */
async function filesIn(folder: string, from: string): Promise<readonly Download[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((whole) => ({ path: whole, name: whole.slice(from.length + 1).replaceAll("\\", "/") }));
}

/** Whose version lies there, by the manifest beside it. */
async function checkedOut(path: string): Promise<readonly string[] | undefined> {
  try {
    const { dataset }: { readonly dataset?: string } = JSON.parse(await readFile(join(path, "manifest.json"), "utf8"));
    return dataset === undefined ? undefined : [dataset];
  } catch {
    return undefined; // no checkout
  }
}

interface Receipt {
  readonly exports: readonly {
    readonly dataset: string;
    readonly files: readonly { readonly name: string; readonly sha256: string }[];
  }[];
}

/** Written by Tilth alone, in one piece. */
async function readReceipt(path: string): Promise<Receipt | undefined> {
  try {
    const receipt: Receipt = JSON.parse(await readFile(path, "utf8"));
    return receipt;
  } catch {
    return undefined; // no receipt, no export of ours
  }
}

function hintOf(names: readonly string[]): string {
  return names.length === 0 ? "Do it again." : `There ${names.length === 1 ? "is" : "are"} ${names.slice(0, 8).join(", ")}.`;
}

/** One range in bytes; several at once are answered with the whole, as everybody may. */
function rangeOf(
  { headers }: FastifyRequest,
  size: number,
  tag: string,
): { readonly start: number; readonly end: number } | "outside" | undefined {
  const condition = headers["if-range"];
  if (headers.range === undefined || (condition !== undefined && condition !== tag)) return undefined;
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(headers.range.trim()) ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") return Number(last) === 0 || size === 0 ? "outside" : { start: Math.max(0, size - Number(last)), end: size - 1 };
  const [start, end] = [Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1)];
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "outside" : { start, end };
}

const types: Readonly<Record<string, string>> = {
  json: "application/json",
  jsonl: "application/jsonl",
  csv: "text/csv; charset=utf-8",
  tsv: "text/tab-separated-values; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
};

function typeOf(name: string): string {
  return types[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
}
