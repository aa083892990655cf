import { isUtf8 } from "node:buffer";
import type { ParquetParsers } from "hyparquet";
import type { Json } from "../schema/json.ts";

/**
 * A value of a Parquet file as JSON: integers beyond 2^53, NaN and infinities as text, bytes that are no UTF-8 in Base64.
 *
 * Members of structs that are null are left out: every struct has all of them.
 */
export function plainValue(value: unknown): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
    case "object":
      return value === null ? null : plainObject(value);
    case "undefined":
    case "function":
    case "symbol":
      return null;
  }
}

function plainObject(value: object): Json {
  if (value instanceof Uint8Array) return isUtf8(value) ? decoder.decode(value) : Buffer.from(value).toString("base64");
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(plainValue);
  if (ArrayBuffer.isView(value) && Symbol.iterator in value && typeof value[Symbol.iterator] === "function")
    return Array.from(Object.values(value), plainValue);
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plainValue(member)]));
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Times as ISO 8601 in UTC, with the digits they have; JSON as what it says, or its text where it is none. */
export const textParsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (ms: bigint | undefined) => isoText(ms, 1n),
  timestampFromMicroseconds: (us: bigint | undefined) => isoText(us, 1_000n),
  timestampFromNanoseconds: (ns: bigint | undefined) => isoText(ns, 1_000_000n),
  dateFromDays: (days: number | undefined) => isoText(days === undefined ? undefined : BigInt(days) * 86_400_000n, 1n)?.slice(0, 10),
  // The library's own decoder takes U+FEFF at the start of a text for a byte order mark.
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
  jsonFromBytes: (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : parsed(decoder.decode(bytes))),
};

/** `count` of which `perMs` make a millisecond; absent stays absent, and beyond the years of a date the count itself is given. */
function isoText(count: bigint | undefined, perMs: bigint): string | undefined {
  if (count === undefined || count === null) return undefined;
  const finer = ((count % perMs) + perMs) % perMs;
  const time = new Date(Number((count - finer) / perMs));
  if (Number.isNaN(time.getTime())) return String(count);
  if (finer === 0n) return time.toISOString();
  return time.toISOString().replace("Z", `${String(finer).padStart(String(perMs).length - 1, "0")}Z`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // the column promised JSON and holds something else: it stays what it is
  }
}
