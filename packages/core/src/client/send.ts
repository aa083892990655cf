import type { TilthError } from "../errors.ts";
import { isTilthError } from "../errors.ts";
import { errorOfAnswer, unreachable } from "./problem.ts";

/** A server and how it is asked. */
export interface Connection {
  readonly server: URL;
  readonly key?: string;
  readonly fetch: typeof fetch;
  /** Ends every call. */
  readonly signal?: AbortSignal;
}

/** One request, which may be sent more than once. */
export interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A blob can be sent again; a stream cannot. */
  readonly body?: Blob | ReadableStream<Uint8Array>;
  /** Sent twice, it is done once: it may be sent again where nobody knows whether it arrived. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal;
}

const TRIES = 5;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Sends a request and reads its answer; where the server is busy or the connection breaks, as often as that is safe and makes sense.
 *
 * The answer is read within the try, so that a connection that breaks in mid-answer counts as one. Redirects are not followed.
 *
 * @throws {@link TilthError} what the server said, `client/unreachable`, `client/redirected`, `client/not-tilth`; the reason of the signal.
 */
export async function send<T>(connection: Connection, sent: Sent, read: (response: Response) => Promise<T>): Promise<T> {
  const signal = anySignal(connection.signal, sent.signal);
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted();
    const outcome = await once(connection, sent, { read, signal });
    if ("value" in outcome) return outcome.value;
    const pauseMs = outcome.pauseMs ?? FIRST_PAUSE_MS * 2 ** (tried - 1);
    if (!outcome.again || tried === TRIES || pauseMs > LONGEST_PAUSE_MS) throw outcome.error;
    await pause(jittered(pauseMs), signal);
  }
}

/** The address without what it asks, for messages. */
export function plainUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** One signal of those that are given. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

/** Waits; rejects with the reason of the signal. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal?.reason);
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** A little more than asked for, so that those who were turned away together do not come back together. */
export function jittered(ms: number): number {
  return ms * (1 + Math.random() / 2);
}

type Outcome<T> =
  | { readonly value: T }
  | { readonly error: unknown; /** It is safe and may help to send it again. */ readonly again: boolean; readonly pauseMs?: number };

interface Reading<T> {
  readonly read: (response: Response) => Promise<T>;
  readonly signal: AbortSignal | undefined;
}

async function once<T>(connection: Connection, sent: Sent, { read, signal }: Reading<T>): Promise<Outcome<T>> {
  const url = plainUrl(sent.url);
  const canRepeat = !(sent.body instanceof ReadableStream);
  try {
    const response = await connection.fetch(sent.url, requestOf(connection, sent, signal));
    if (response.ok) return { value: await read(response) };
    const error = await errorOfAnswer(response, url);
    const pauseMs = retryAfterMs(response);
    return {
      error,
      again: canRepeat && mayRepeat(error, { status: response.status, repeatable: sent.repeatable }),
      ...(pauseMs === undefined ? {} : { pauseMs }),
    };
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    if (isTilthError(cause)) return { error: cause, again: false };
    return { error: unreachable(url, cause), again: canRepeat && sent.repeatable };
  }
}

function requestOf({ key }: Connection, { method, headers, body }: Sent, signal: AbortSignal | undefined): RequestInit {
  return {
    method,
    headers: { accept: "application/json", ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    ...(body === undefined ? {} : { body }),
    ...(body instanceof ReadableStream ? { duplex: "half" as const } : {}),
    ...(signal === undefined ? {} : { signal }),
    // Whoever is led elsewhere is told so: neither key nor bytes go where nobody sent them.
    redirect: "manual",
    credentials: "same-origin",
  };
}

/** Refused before anything was begun, it may be sent again whatever it does. */
const refusedAtTheDoor: ReadonlySet<string> = new Set(["request/overloaded", "auth/too-many-requests", "request/key-busy"]);

function mayRepeat(error: TilthError, { status, repeatable }: { readonly status: number; readonly repeatable: boolean }): boolean {
  if (refusedAtTheDoor.has(error.code)) return true;
  return repeatable && (status === 429 || status === 502 || status === 503 || status === 504);
}

/** Seconds, or a moment. */
function retryAfterMs({ headers }: Response): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
