import { isTilthError } from "../errors.ts";
import { base, urlBelow } from "./address.ts";
import { readEvents } from "./event-stream.ts";
import type { Connection } from "./send.ts";
import { anySignal, jittered, pause, plainUrl, send } from "./send.ts";
import { unreachable } from "./problem.ts";

/** Something that happened to the pool, in order. */
export type LiveEvent =
  /** Connected: what comes after `seq` is told. */
  | { readonly kind: "begin"; readonly seq: number }
  | { readonly kind: "change"; readonly seq: number; /** Of the example. */ readonly id: string; readonly change: string }
  /** More changed than is worth telling one by one: whoever shows something looks at it anew. */
  | { readonly kind: "lag"; readonly seq: number };

export interface EventsOptions {
  /** Only changes of examples that are members of this dataset: its name or id. */
  readonly dataset?: string;
  /** Go on behind this place of the change log. @defaultValue from now on */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Live changes of the pool, for as long as somebody reads them. Where the connection ends, it goes on from where it was.
 *
 * @throws {@link TilthError} what the server refuses; the reason of the signal.
 */
export async function* liveEvents(connection: Connection, { dataset, after, signal: own }: EventsOptions = {}): AsyncGenerator<LiveEvent> {
  const signal = anySignal(connection.signal, own);
  let last = after;
  for (let failures = 0; ;) {
    const url = urlBelow(connection.server, `${base}/events`);
    if (dataset !== undefined) url.searchParams.set("dataset", dataset);
    const headers = { accept: "text/event-stream", ...(last === undefined ? {} : { "last-event-id": String(last) }) };
    try {
      const response = await send(
        connection,
        { method: "GET", url, headers, repeatable: true, ...(signal === undefined ? {} : { signal }) },
        async (same) => same,
      );
      for await (const { event, data } of readEvents(response)) {
        failures = 0;
        const told = liveEvent(event, data);
        if (told === undefined) continue;
        last = told.seq;
        yield told;
      }
    } catch (error) {
      signal?.throwIfAborted();
      const known = isTilthError(error) ? error : unreachable(plainUrl(url), error);
      if (known.code !== "client/unreachable" && known.code !== "request/overloaded") throw known;
      failures++;
    }
    await pause(jittered(Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** failures)), signal);
  }
}

function liveEvent(event: string, data: string): LiveEvent | undefined {
  const value: { readonly seq: number; readonly id?: string; readonly change?: string } = JSON.parse(data);
  const { seq, id = "", change = "" } = value;
  if (event === "begin" || event === "lag") return { kind: event, seq };
  return event === "change" ? { kind: "change", seq, id, change } : undefined;
}
