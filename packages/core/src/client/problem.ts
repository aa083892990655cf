import type { ErrorCode, ErrorDetails } from "../errors.ts";
import { errorCodes, TilthError } from "../errors.ts";
import type { Json, JsonObject } from "../schema/json.ts";

/** What a server tells of something it did not do. */
export interface Told {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonObject;
  /** Names the request in the server's log. */
  readonly requestId?: string;
  readonly status?: number;
}

/** The error of the server once more, with its code, its sentence and its details, and `requestId` among them. */
export function errorFrom({ code, message, details = {}, requestId, status = 500 }: Told): TilthError {
  const known = { ...plainDetails(details), ...(requestId === undefined ? {} : { requestId }) };
  if (!isKnown(code)) {
    return status >= 500
      ? new TilthError("server/failed", {
          ...known,
          status,
          problem: code === "unexpected" ? "something happened there that should not." : message,
          requestId: requestId ?? "unknown",
        })
      : new TilthError("client/unknown-problem", { ...known, status, code, problem: message });
  }
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the server made these details for this code; the sentence is its own
  const error = new TilthError(code, known as ErrorDetails<ErrorCode>);
  error.message = message;
  return error;
}

/**
 * The error of an answer that is none of what was asked for.
 *
 * @param url - The address without what it asks.
 */
export async function errorOfAnswer(response: Response, url: string): Promise<TilthError> {
  const { status } = response;
  const location = response.headers.get("location");
  if (response.type === "opaqueredirect" || (status >= 300 && status < 400)) {
    void response.body?.cancel();
    return new TilthError("client/redirected", {
      url,
      to: location === null ? "another address" : String(URL.parse(location, url) ?? location),
    });
  }
  const text = await response.text().catch(() => "");
  const problem = parsed(text);
  const code = problem["code"];
  const detail = problem["detail"];
  if (typeof code === "string" && typeof detail === "string") {
    const { requestId, details } = problem;
    return errorFrom({
      code,
      message: detail,
      status,
      ...(typeof requestId === "string" ? { requestId } : {}),
      ...(isObject(details) ? { details } : {}),
    });
  }
  if (status >= 500) return new TilthError("client/unreachable", { url, reason: `what stands before it answered ${status}`, status });
  return new TilthError("client/not-tilth", { url, problem: `it answered ${status} without saying why`, status });
}

/** What a failed connection is told as; the reason is the system's own word. */
export function unreachable(url: string, cause: unknown): TilthError {
  return new TilthError("client/unreachable", { url, reason: reasonOf(cause) }, { cause });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "nobody knows this host",
  EAI_AGAIN: "nobody knows this host at the moment",
  ECONNRESET: "the connection broke",
  UND_ERR_SOCKET: "the connection broke",
  ETIMEDOUT: "it did not answer in time",
  UND_ERR_CONNECT_TIMEOUT: "it did not answer in time",
  UND_ERR_HEADERS_TIMEOUT: "it did not answer in time",
  UND_ERR_BODY_TIMEOUT: "it fell silent in mid-answer",
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const inner = cause instanceof AggregateError ? cause.errors.find((one) => one instanceof Error) : cause;
  if (!(inner instanceof Error)) return error.message;
  const code = "code" in inner ? String(inner.code) : "";
  return reasons[code] ?? (inner.message === "" ? code : inner.message);
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** Details are made of single values and lists of words. */
function plainDetails(details: JsonObject): TilthError["details"] {
  const known: Record<string, TilthError["details"][string]> = {};
  for (const [name, value] of Object.entries(details)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") known[name] = value;
    else if (Array.isArray(value) && value.every((one) => typeof one === "string")) known[name] = value;
  }
  return known;
}

function parsed(text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {}; // a page of a proxy
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
