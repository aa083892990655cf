import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { TilthError } from "@tilth/core";
import type { FastifyReply } from "fastify";

const BEAT_MS = 15_000;
/** After this a reader connects again and shows anew who they are. */
const LIFE_MS = 3_600_000;

/** Counts who reads events: each holds a connection for long. */
export interface Readers {
  /**
   * Lets a reader in.
   *
   * @returns To be called when it has left.
   * @throws {@link TilthError} `request/overloaded`.
   */
  enter(): () => void;
}

export function createReaders(most: number): Readers {
  let readers = 0;
  return {
    enter() {
      if (readers >= most)
        throw new TilthError("request/overloaded", { reason: `${readers} readers of events are connected`, seconds: 30 });
      readers++;
      return () => void readers--;
    },
  };
}

/** Begins to answer with server-sent events, the first of them at once. */
export function openEvents(reply: FastifyReply, first: string): ServerResponse {
  const headers = reply.getHeaders();
  reply.hijack();
  const response = reply.raw;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    connection: "close",
  });
  response.write(`retry: 2000\n${first}`);
  return response;
}

/** One event, as it is written. */
export function eventText({ event, data, id }: { readonly event: string; readonly data: object; readonly id?: number }): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Feeds a reader until it leaves, the server closes, or its time is up; meanwhile gives signs of life. */
export async function feed(
  response: ServerResponse,
  closing: AbortSignal,
  work: (write: (text: string) => Promise<void>, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const beat = setInterval(() => response.write(": still here\n\n"), BEAT_MS);
  const over = new AbortController();
  response.once("close", () => over.abort());
  const stop = AbortSignal.any([closing, over.signal, AbortSignal.timeout(LIFE_MS)]);
  try {
    if (!stop.aborted) await work((text) => write(response, text, stop), stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    clearInterval(beat);
    response.end();
  }
}

/** Resolves when the reader has room for more. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (!response.write(text)) await once(response, "drain", { signal });
}
