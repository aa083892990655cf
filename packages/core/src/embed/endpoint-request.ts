import { setTimeout as wait } from "node:timers/promises";
import { TilthError } from "../errors.ts";
import { type EndpointAnswer, parseAnswer, reasonIn } from "./endpoint-answer.ts";

export interface RequestOptions {
  /** With or without `/embeddings` at its end; what follows a `?` is kept. */
  readonly url: string;
  readonly model: string;
  /** Numbers to ask for; models that cannot be shortened refuse it. */
  readonly dimensions?: number;
  /** The variable of `environment` that holds the key. @defaultValue no key is sent */
  readonly keyFrom?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Times a request is sent before it is given up. @defaultValue 5 */
  readonly attempts?: number;
  /** For one request and its answer. @defaultValue 60,000 */
  readonly timeoutMs?: number;
  /** Before the second attempt; doubled for each later one. @defaultValue 500 */
  readonly firstWaitMs?: number;
  /** An endpoint that asks for more is given up. @defaultValue 60,000 */
  readonly mostWaitMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Between 0 and 1: spreads the attempts of many callers. @defaultValue Math.random */
  readonly random?: () => number;
}

/** Where and how requests go. Only `headers` knows the key, and nothing prints it. */
export interface Connection {
  readonly address: URL;
  /** The address without what may be secret in it. */
  readonly shown: string;
  readonly key: string | undefined;
  readonly options: RequestOptions;
  readonly onRequest?: () => void;
}

/** @throws {@link TilthError} `embed/key-missing` where the named variable is empty or cannot be sent. */
export function toConnection(options: RequestOptions): Connection {
  const address = new URL(options.url);
  if (!address.pathname.endsWith("/embeddings")) address.pathname = `${address.pathname.replace(/\/+$/, "")}/embeddings`;
  const shown = `${address.origin}${address.pathname}`;
  const { keyFrom, environment = {} } = options;
  const key = keyFrom === undefined ? undefined : environment[keyFrom]?.trim();
  // Anything else would be refused by `fetch` with a message that quotes it.
  if (keyFrom !== undefined && !/^[\x21-\x7e]+$/.test(key ?? ""))
    throw new TilthError("embed/key-missing", { variable: keyFrom, url: shown });
  return { address, shown, key, options };
}

/**
 * Asks for the vectors of texts, as often as is allowed: again after 408, 429, 5xx, a broken connection and a timeout.
 *
 * @throws {@link TilthError} `embed/endpoint-refused`, `embed/endpoint-failed` or `embed/bad-answer`; the signal's reason once it is aborted.
 */
export async function requestVectors(
  connection: Connection,
  texts: readonly string[],
  dimensions: number | undefined,
): Promise<EndpointAnswer> {
  const { attempts = 5, firstWaitMs = 500, mostWaitMs = 60_000, signal, random = Math.random } = connection.options;
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(connection, texts);
    if (outcome.kind === "answered") {
      return parseAnswer(outcome.text, { where: connection.shown, count: texts.length, dimensions, key: connection.key });
    }
    const { reason, cause } = outcome;
    if (outcome.kind === "refused") {
      throw new TilthError("embed/endpoint-refused", { url: connection.shown, status: outcome.status, reason });
    }
    const waitMs = outcome.waitMs ?? firstWaitMs * 2 ** (attempt - 1) * (0.5 + random() / 2);
    if (attempt >= attempts || waitMs > mostWaitMs) {
      const asked = waitMs > mostWaitMs ? `${reason}, and asks to wait ${Math.ceil(waitMs / 1000)} s` : reason;
      throw new TilthError("embed/endpoint-failed", { url: connection.shown, attempts: attempt, reason: asked }, { cause });
    }
    await wait(waitMs, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}

type Outcome =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "refused"; readonly status: number; readonly reason: string; readonly cause?: unknown }
  | { readonly kind: "later"; readonly waitMs?: number | undefined; readonly reason: string; readonly cause?: unknown };

async function attemptOnce(connection: Connection, texts: readonly string[]): Promise<Outcome> {
  const { model, dimensions, timeoutMs = 60_000, signal } = connection.options;
  signal?.throwIfAborted();
  connection.onRequest?.();
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(connection.address, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(connection.key === undefined ? {} : { authorization: `Bearer ${connection.key}` }),
      },
      body: JSON.stringify({ model, input: texts, encoding_format: "float", ...(dimensions === undefined ? {} : { dimensions }) }),
      // A request that is sent on elsewhere would take texts and key along.
      redirect: "manual",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const text = await response.text();
    if (response.ok) return { kind: "answered", text };
    const reason = reasonIn(text, connection.key);
    if (!isPassing(response.status)) return { kind: "refused", status: response.status, reason };
    return { kind: "later", waitMs: retryAfterMs(response.headers.get("retry-after")), reason: `status ${response.status}: ${reason}` };
  } catch (cause) {
    signal?.throwIfAborted();
    if (timeout.aborted) return { kind: "later", reason: `no answer within ${timeoutMs} ms`, cause };
    return { kind: "later", reason: networkReason(cause), cause };
  }
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Seconds, or a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

/** `fetch` hides what happened one level below. */
function networkReason(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error && inner.message !== "" ? inner.message : String(error);
}
