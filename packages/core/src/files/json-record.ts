import type { FileRecord } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";

/** A record of JSON that takes more is not read: 64 MB. */
export const recordLimitBytes = 64 * 1024 * 1024;

/** Values nested deeper are refused; walkers behind the door may then recurse. */
export const depthLimit = 512;

/** The sentence for a value that is nested too deeply. */
export const depthProblem = `is nested deeper than ${depthLimit} levels`;

/**
 * The value of a JSON text or the reason why it has none, never with any of its content.
 *
 * A number beyond 1.8e308 is read as Infinity by every parser of doubles, and nobody could write it again: it is refused.
 */
export function parseJson(text: string): { readonly value: Json } | { readonly reason: string } {
  if (isTooDeep(text)) return { reason: depthProblem };
  try {
    const value: Json = JSON.parse(text);
    return isFiniteThroughout(value) ? { value } : { reason: "holds a number beyond 1.8e308, which has no value" };
  } catch (error) {
    return { reason: `is not JSON: ${jsonFault(text, error)}` };
  }
}

/** One record out of a JSON text; `what` names the place in a problem: `line 17`. */
export function jsonRecord(text: string, line: number, what: string, raw: () => string): FileRecord {
  const parsed = parseJson(text);
  if ("value" in parsed) return { value: parsed.value, line };
  return { problem: `${what} ${parsed.reason}`, line, raw: raw() };
}

/** A look at each value costs less than one at the text, where the letter `e` is everywhere. */
function isFiniteThroughout(value: Json): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (isList(value)) return value.every((item) => isFiniteThroughout(item));
  for (const name in value) if (!isFiniteThroughout(value[name] ?? null)) return false;
  return true;
}

/** `Array.isArray` does not see that a readonly array is one. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Most texts are shorter than the brackets alone would be, or hold few of them: hopping from one to the next costs next to nothing. */
function isTooDeep(text: string): boolean {
  if (text.length <= depthLimit) return false;
  let opened = 0;
  for (const bracket of ["[", "{"]) {
    for (let at = text.indexOf(bracket); at !== -1 && opened <= depthLimit; at = text.indexOf(bracket, at + 1)) opened++;
  }
  return opened > depthLimit && depthOf(text) > depthLimit;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === 0x5c) at++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x5b || unit === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (unit === 0x5d || unit === 0x7d) depth--;
  }
  return deepest;
}

/** V8 quotes the text in some of its messages; what is left of them here says what is wrong and where, not what stands there. */
function jsonFault(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const told = /at position (\d+)/.exec(message)?.[1];
  const at = told !== undefined ? Number(told) : message.startsWith("Unexpected token") ? faultAt(text) : undefined;
  const where = at === undefined ? "" : place(text, at);
  if (at !== undefined && /^(?:NaN|Infinity)/.test(text.slice(at, at + 8))) return `NaN and Infinity have no JSON form${where}`;
  if (!message.startsWith("Unexpected token"))
    return lowerFirst(message.replace(/ of JSON input| in JSON at.*| after JSON at.*/s, "")) + where;
  return (at !== undefined && text[at] === "'" ? "text needs double quotes" : "unexpected character") + where;
}

function place(text: string, position: number): string {
  const before = text.slice(0, position);
  const lines = before.split("\n");
  const column = `column ${(lines.at(-1) ?? "").length + 1}`;
  return lines.length === 1 ? ` at ${column}` : ` in its line ${lines.length}, ${column}`;
}

/** A prefix up to the fault is merely unfinished, one beyond it is faulty: halving finds the place V8 does not tell. */
function faultAt(text: string): number | undefined {
  if (text.length > 1 << 20) return undefined;
  let good = 0;
  let faulty = text.length;
  while (faulty - good > 1) {
    const middle = (good + faulty) >> 1;
    if (hasUnexpectedToken(text.slice(0, middle))) faulty = middle;
    else good = middle;
  }
  return good;
}

function hasUnexpectedToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith("Unexpected token");
  }
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
