import { nearest } from "../text/nearest.ts";
import { codePointLength, hasWords } from "../text/words.ts";
import { TilthError } from "../errors.ts";
import type { FilterField, FilterLiteral, Operator } from "./filter-fields.ts";
import type { Token } from "./filter-lexer.ts";
import { describe, syntaxError } from "./filter-lexer.ts";

/**
 * Reads one value as the type of its field; only for JSON do quotes matter: `5` is a number, `"5"` a text.
 *
 * @param nowMs - What a relative age counts from.
 * @throws {@link TilthError} `filter/syntax` when the value is not of that type.
 */
export function readValue(token: Token, field: FilterField, operator: Operator, nowMs: number): FilterLiteral {
  if (token.kind === "symbol" || token.kind === "end") throw syntaxError(token.column, describe(token), expectedFor(field));
  if (token.kind === "word" && token.text.includes('"')) throw syntaxError(token.column, describe(token), "quotes around the whole value");
  if (operator === "contains" || operator === "matches") return readSought(token, operator);
  switch (field.type) {
    case "string":
    case "list":
    case "text":
    case "parts":
      return token.text;
    case "word":
    case "ordered":
      return readWord(token, field);
    case "number":
      return readNumber(token.text) ?? refuse(token, field);
    case "boolean":
      return readBoolean(token.text) ?? refuse(token, field);
    case "time":
      return readTime(token.text, nowMs) ?? refuse(token, field);
    case "json":
      return readJson(token, operator);
  }
}

const HOUR_MS = 3_600_000;
const UNITS_MS = { h: HOUR_MS, d: 24 * HOUR_MS, w: 168 * HOUR_MS } as const;
const YEAR_0_MS = Date.UTC(2000, 0) - 730_485 * 24 * HOUR_MS;

/** Milliseconds UTC of an ISO date, an ISO time with its zone, or an age like `30d`; nothing for other texts and days that never were. */
function readTime(text: string, nowMs: number): number | undefined {
  const [, count, unit] = /^(\d{1,9})([hdw])$/.exec(text) ?? [];
  if (unit === "h" || unit === "d" || unit === "w") {
    const time = Math.trunc(nowMs) - Number(count) * UNITS_MS[unit];
    return time >= YEAR_0_MS ? time : undefined;
  }
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  if (day === undefined || !isRealDay(day)) return undefined;
  const time = Date.parse(clock === undefined ? `${day}T00:00:00Z` : text);
  return Number.isNaN(time) || time < YEAR_0_MS ? undefined : time;
}

/** Date.parse takes 31 February for 3 March. */
function isRealDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function readNumber(text: string): number | undefined {
  if (!/^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  // Adding 0 makes the 0 of -0, which no column holds.
  return Number.isFinite(value) ? value + 0 : undefined;
}

function readBoolean(text: string): boolean | undefined {
  if (text === "true") return true;
  return text === "false" ? false : undefined;
}

function readWord(token: Token, field: FilterField): string {
  const known = field.words ?? [];
  if (known.includes(token.text)) return token.text;
  const meant = nearest(token.text, known);
  const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
  throw syntaxError(token.column, describe(token), `${expectedFor(field)}${hint}`);
}

function readJson(token: Token, operator: Operator): FilterLiteral {
  if (token.kind === "quoted") return token.text;
  const truth = readBoolean(token.text);
  if (truth !== undefined && !["=", "!=", "in"].includes(operator)) {
    throw syntaxError(token.column, `\`${operator}\` does not compare with ${token.text}`, "= or !=, or a number or text");
  }
  return truth ?? readNumber(token.text) ?? token.text;
}

const MAX_FOREIGN_LETTERS = 200;

/** Each letter with case beyond ASCII costs an engine one step, nested in the others: the deepest expression must stay in its limits. */
function readSought(token: Token, operator: "contains" | "matches"): string {
  if (operator === "contains" && token.text === "")
    throw syntaxError(token.column, "the text to look for is empty", "at least one character");
  if (operator === "matches" && !hasWords(token.text)) throw syntaxError(token.column, describe(token), "at least one word");
  const foreign = new Set(
    token.text
      .replaceAll(/[\x00-\x7f]/g, "")
      .toLowerCase()
      .match(/\p{Cased}/gu),
  );
  if (foreign.size > MAX_FOREIGN_LETTERS) {
    throw new TilthError("filter/limit", {
      what: "different letters beyond ASCII in one text",
      limit: MAX_FOREIGN_LETTERS,
      found: codePointLength(token.text),
    });
  }
  return token.text;
}

function refuse(token: Token, field: FilterField): never {
  throw syntaxError(token.column, describe(token), expectedFor(field));
}

function expectedFor(field: FilterField): string {
  switch (field.type) {
    case "string":
    case "list":
    case "text":
    case "parts":
      return "a text";
    case "word":
    case "ordered":
      return `one of ${(field.words ?? []).join(", ")}`;
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "time":
      return "a date like 2026-01-31, a time like 2026-01-31T10:00:00Z, or an age like 12h, 30d or 8w";
    case "json":
      return "a text, a number, true or false";
  }
}
