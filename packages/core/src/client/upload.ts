import { isTilthError } from "../errors.ts";
import type { Progress } from "../schema/progress.ts";
import { base, urlBelow } from "./address.ts";
import { dispositionOf } from "./body.ts";
import type { Connection } from "./send.ts";
import { anySignal, jittered, pause, send } from "./send.ts";

/** From this size on a file goes in pieces, each of which is safe once it has arrived. */
export const PIECE_BYTES = 8_000_000;

const TRIES_A_PIECE = 8;
const FIRST_PAUSE_MS = 250;

export interface UploadOptions {
  readonly fileName: string;
  readonly progress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Sends a file in pieces; where the connection breaks, it asks what has arrived and goes on from there.
 *
 * @returns The id of the upload, to be named as the body of a call.
 * @throws {@link TilthError} what the server said; `client/unreachable` once it has been tried often enough.
 */
export async function upload(connection: Connection, file: Blob, { fileName, progress, signal }: UploadOptions): Promise<string> {
  const begun = await send(
    connection,
    {
      method: "POST",
      url: urlBelow(connection.server, `${base}/uploads`),
      headers: { "upload-length": String(file.size), "content-disposition": dispositionOf(fileName) },
      // Begun twice, one of them is left alone and swept away.
      repeatable: true,
      ...(signal === undefined ? {} : { signal }),
    },
    readUpload,
  );
  const place = urlBelow(connection.server, `${base}/uploads/${encodeURIComponent(begun.id)}`);
  const tell = (done: number): void => progress?.({ step: `sending ${fileName}`, done, total: file.size, unit: "bytes" });
  tell(begun.offset);
  for (let { offset } = begun; offset < file.size; tell(offset))
    offset = await sendPiece(connection, place, { file, offset, ...(signal === undefined ? {} : { signal }) });
  return begun.id;
}

/** Takes an upload away that is used or wanted no more; where that fails, the server sweeps it. */
export async function forgetUpload(connection: Connection, id: string): Promise<void> {
  const url = urlBelow(connection.server, `${base}/uploads/${encodeURIComponent(id)}`);
  const { signal: _, ...free } = connection;
  const soon = AbortSignal.timeout(5_000);
  await send(free, { method: "DELETE", url, repeatable: false, signal: soon }, async () => undefined).catch(() => undefined);
}

interface Piece {
  readonly file: Blob;
  readonly offset: number;
  readonly signal?: AbortSignal;
}

/** Gives the offset after the piece, or where the server says that it has come to. */
async function sendPiece(connection: Connection, place: URL, { file, offset, signal }: Piece): Promise<number> {
  const headers = { "upload-offset": String(offset), "content-type": "application/offset+octet-stream" };
  const body = file.slice(offset, Math.min(file.size, offset + PIECE_BYTES));
  const given = signal === undefined ? {} : { signal };
  for (let tried = 1; ; tried++) {
    try {
      return (await send(connection, { method: "PATCH", url: place, headers, body, repeatable: false, ...given }, readUpload)).offset;
    } catch (error) {
      if (!isPassing(error) || tried === TRIES_A_PIECE) throw error;
      await pause(jittered(Math.min(10_000, FIRST_PAUSE_MS * 2 ** (tried - 1))), anySignal(connection.signal, signal));
    }
    // What arrived before the connection broke is kept.
    const at = await send(connection, { method: "GET", url: place, repeatable: true, ...given }, readUpload);
    if (at.offset !== offset) return at.offset;
  }
}

const passing: ReadonlySet<string> = new Set([
  "client/unreachable",
  "upload/busy",
  "upload/wrong-offset",
  "request/stopped",
  "request/too-slow",
  "input/damaged",
]);

function isPassing(error: unknown): boolean {
  return isTilthError(error) && passing.has(error.code);
}

interface Begun {
  readonly id: string;
  readonly offset: number;
}

async function readUpload(response: Response): Promise<Begun> {
  const told: Begun = JSON.parse(await response.text());
  return told;
}
