import { isTilthError, TilthError } from "../errors.ts";
import { base, urlBelow } from "./address.ts";
import { unreachable } from "./problem.ts";
import type { Connection } from "./send.ts";
import { anySignal, jittered, pause, plainUrl, send } from "./send.ts";

/** The bytes of a file that the server holds, and what is known of them. Each reading fetches them anew. */
export interface Download extends AsyncIterable<Uint8Array> {
  readonly name: string;
  readonly sizeBytes: number;
  /** SHA-256 of the bytes in hex, where the server tells it. */
  readonly sha256?: string;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
}

/** What an export, a checkout or an import answers: where its files lie, as an address. */
export interface Exported {
  readonly folder: string;
}

const TRIES = 5;
const PAUSE_MS = 250;

/**
 * Finds a file of an export. Reading it goes on behind what has arrived where the connection breaks.
 *
 * @throws {@link TilthError} `export/no-file`, what the server said; while it is read `client/changed`, `client/unreachable`.
 */
export async function download(
  connection: Connection,
  { folder }: Exported,
  file: string,
  { signal }: DownloadOptions = {},
): Promise<Download> {
  const url = fileUrl(connection, folder, file);
  const stop = anySignal(connection.signal, signal);
  const facts = await send(
    connection,
    {
      method: "HEAD",
      url,
      headers: { accept: "*/*", "want-repr-digest": "sha-256=10" },
      repeatable: true,
      ...(stop === undefined ? {} : { signal: stop }),
    },
    async ({ headers }) => ({
      sizeBytes: Number(headers.get("content-length") ?? 0),
      tag: headers.get("etag") ?? "",
      sha256: sha256Of(headers.get("repr-digest")),
    }),
  ).catch(async (error: unknown) => {
    // A HEAD has no body that could say why.
    if (isTilthError(error) && error.code === "client/not-tilth")
      await send(connection, { method: "GET", url, repeatable: true }, async (found) => found.body?.cancel());
    throw error;
  });
  const { sha256, ...known } = facts;
  return {
    name: file,
    sizeBytes: facts.sizeBytes,
    ...(sha256 === undefined ? {} : { sha256 }),
    [Symbol.asyncIterator]: () => bytesOf(connection, url, { ...known, file, signal: stop }),
  };
}

interface Fetching {
  readonly file: string;
  readonly sizeBytes: number;
  readonly tag: string;
  readonly signal: AbortSignal | undefined;
}

async function* bytesOf(connection: Connection, url: URL, fetching: Fetching): AsyncGenerator<Uint8Array> {
  const { sizeBytes, signal } = fetching;
  let offset = 0;
  for (let failures = 0; offset < sizeBytes;) {
    try {
      for await (const chunk of rangeOf(connection, url, { ...fetching, offset })) {
        offset += chunk.length;
        failures = 0;
        yield chunk;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (isTilthError(error) && error.code !== "client/unreachable") throw error;
      failures++;
      if (failures === TRIES) throw isTilthError(error) ? error : unreachable(plainUrl(url), error);
      await pause(jittered(PAUSE_MS * 2 ** failures), signal);
    }
  }
}

async function* rangeOf(
  connection: Connection,
  url: URL,
  { file, tag, offset, signal }: Fetching & { readonly offset: number },
): AsyncGenerator<Uint8Array> {
  const range = offset === 0 ? {} : { range: `bytes=${offset}-`, "if-range": tag };
  const headers = { accept: "*/*", ...range };
  const response = await send(
    connection,
    { method: "GET", url, headers, repeatable: true, ...(signal === undefined ? {} : { signal }) },
    async (same) => same,
  );
  if (response.headers.get("etag") !== tag || response.status !== (offset === 0 ? 200 : 206)) {
    await response.body?.cancel();
    throw new TilthError("client/changed", { file, problem: "it became another one while it was fetched" });
  }
  const stream = response.body;
  if (stream === null) return;
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The folder stands in the answer as the server's own address, whatever stands before it where it is reached. */
function fileUrl({ server }: Connection, folder: string, file: string): URL {
  const place = folder.startsWith(`${base}/`) ? folder.slice(base.length) : undefined;
  const parts = [...(place?.split("/").slice(1).map(decoded) ?? []), ...file.split("/")];
  if (place === undefined || parts.some((part) => part === "" || part === "." || part === ".."))
    throw new TilthError("input/invalid", { where: "file", problem: `${file} of ${folder} is no file that can be fetched` });
  return urlBelow(server, `${base}/${parts.map(encodeURIComponent).join("/")}`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * The SHA-256 of a `Repr-Digest`, in hex.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9530 | RFC 9530}
 */
function sha256Of(header: string | null): string | undefined {
  const [, base64] = /sha-256=:([A-Za-z0-9+/=]+):/.exec(header ?? "") ?? [];
  return base64 === undefined ? undefined : Array.from(atob(base64), (sign) => sign.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
