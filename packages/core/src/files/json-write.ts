import type { Json } from "../schema/json.ts";
import { isList } from "./json-record.ts";

/** A row as JSON on one line, keys in the order given; half a surrogate pair becomes U+FFFD, as no decoder accepts it. */
export function jsonText(row: Json): string {
  const text = JSON.stringify(row);
  // `JSON.stringify` writes lone surrogates as escapes, so a text without any is well formed.
  return text.includes("\\ud") ? JSON.stringify(wellFormed(row)) : text;
}

/** A value as JSON on indented lines; else as {@link jsonText}. */
export function prettyText(value: Json): string {
  return JSON.stringify(wellFormed(value), undefined, 2);
}

/** Text as UTF-8 in chunks of about 64 kB, which is faster than larger ones. */
export async function* textBytes(texts: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  let pending = "";
  for await (const text of texts) {
    pending += text;
    if (pending.length < chunkChars) continue;
    yield Buffer.from(pending, "utf8");
    pending = "";
  }
  if (pending !== "") yield Buffer.from(pending, "utf8");
}

const chunkChars = 64 * 1024;

function wellFormed(value: Json): Json {
  if (typeof value === "string") return value.toWellFormed();
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(wellFormed);
  // `fromEntries` defines members, so a key called `__proto__` stays one.
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]));
}
