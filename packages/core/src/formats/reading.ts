import type { NewExample } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import type { ReadRemark, Reading, Refused } from "./format.ts";

/** A value under construction. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/** A row that becomes nothing. */
export function refuse(refused: string, reason: string): Refused {
  return { refused, reason };
}

/**
 * A row that becomes one example. Unpaired surrogates are replaced by U+FFFD and remarked: they cannot be written as UTF-8.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259#section-8.2 | RFC 8259, section 8.2}: what follows from such strings is unpredictable.
 */
export function given(example: NewExample, remarks: readonly ReadRemark[] = []): Reading {
  if (isWellFormed(example)) return remarks.length === 0 ? { examples: [example] } : { examples: [example], remarks };
  const lone: string[] = [];
  findLone(example, "", lone);
  return { examples: [wellFormed(example)], remarks: [...remarks, ...lone.map(loneSurrogate)] };
}

/** True for a list; `Array.isArray` makes `any[]` of a readonly one. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Parses JSON text that stands inside a row; absent where it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined; // not JSON: each caller says what the text then is
  }
}

function loneSurrogate(at: string): ReadRemark {
  return { rule: "lone-surrogate", message: "an unpaired surrogate was replaced by U+FFFD", at };
}

/** Whether no string and no key of a value holds an unpaired surrogate; apart from where, since this runs for every row. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (value === null || typeof value !== "object") return true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isWellFormed(value[i])) return false;
    return true;
  }
  for (const key in value) if (!key.isWellFormed() || !isWellFormed(Reflect.get(value, key))) return false;
  return true;
}

/** Collects JSON pointers of the strings that hold an unpaired surrogate. */
function findLone(value: unknown, at: string, found: string[]): void {
  if (typeof value === "string") {
    if (!value.isWellFormed()) found.push(at);
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) findLone(value[i], `${at}/${i}`, found);
  } else if (value !== null && typeof value === "object") {
    for (const key of Object.keys(value)) {
      if (!key.isWellFormed()) found.push(at);
      findLone(Reflect.get(value, key), `${at}/${pointerPart(key)}`, found);
    }
  }
}

function pointerPart(key: string): string {
  return key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

/** JSON text escapes unpaired surrogates alone, so they can be replaced there, in keys as well. */
function wellFormed<T>(value: T): T {
  const mended: T = JSON.parse(JSON.stringify(value).replaceAll(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, "$1\ufffd"));
  return mended;
}
