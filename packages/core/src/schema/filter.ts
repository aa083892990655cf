import { TilthError } from "../errors.ts";
import { nearest } from "../text/nearest.ts";
import { codePointLength } from "../text/words.ts";
import type { FilterFieldName, FilterLiteral, Operator } from "./filter-fields.ts";
import { fieldOf, filterAliases, filterFields, isPlainField, jsonFieldName, jsonPathOf, operatorsOf } from "./filter-fields.ts";
import type { Token } from "./filter-lexer.ts";
import { describe, syntaxError, tokenize } from "./filter-lexer.ts";
import { readValue } from "./filter-value.ts";

export type CompareOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/**
 * A condition on one example: true or false, never unknown. What each leaf means is said at `evaluateFilter`.
 *
 * `and` and `or` hold two or more conditions. Times are milliseconds UTC: a relative age is resolved already, so whoever wants it to move
 * with the clock keeps the text and parses it anew.
 */
export type Filter =
  | { readonly kind: "and"; readonly all: readonly Filter[] }
  | { readonly kind: "or"; readonly any: readonly Filter[] }
  | { readonly kind: "not"; readonly filter: Filter }
  | FilterTerm;

/** A leaf: one question about one field. */
export type FilterTerm =
  | { readonly kind: "compare"; readonly field: FilterFieldName; readonly operator: CompareOperator; readonly value: FilterLiteral }
  | { readonly kind: "in"; readonly field: FilterFieldName; readonly values: readonly FilterLiteral[] }
  | { readonly kind: "contains"; readonly field: FilterFieldName; readonly text: string }
  | { readonly kind: "has"; readonly field: FilterFieldName; readonly value: string }
  | { readonly kind: "missing"; readonly field: FilterFieldName }
  | { readonly kind: "matches"; readonly field: FilterFieldName; readonly phrase: string };

export interface ParseFilterOptions {
  /** What relative ages count from: `createdAt > 30d` means later than 30 days before. */
  readonly nowMs: number;
}

/** What one filter may hold; `depth` counts parentheses and `not`. */
export const filterLimits = { characters: 8_000, terms: 200, depth: 50 } as const;

/**
 * Parses the one filter language of flags, recipes, saved views and requests.
 *
 * `field op value`, joined by `and`, `or`, `not` and parentheses; `and` binds tighter than `or`. Operators: `= != < <= > >=`,
 * `in (a, b, "c d")`, `contains`, `matches`, `has`, `is-missing`. Values: bare words, texts in `"` or `'` with backslash escapes, numbers,
 * `true`, `false`, ISO dates and times, ages (`12h`, `30d`, `8w`). Linear in the text.
 *
 * @throws {@link TilthError} `filter/unknown-field` with the nearest field; `filter/syntax` with the column and what was expected;
 * `filter/limit` beyond {@link filterLimits}.
 * @example
 * parseFilter("quality.tier >= silver and not tag has draft", { nowMs: Date.now() });
 */
export function parseFilter(text: string, options: ParseFilterOptions): Filter {
  if (text.length > filterLimits.characters) throw limitError("characters");
  const odd = text.search(/\0|\p{Surrogate}/u);
  if (odd >= 0)
    throw syntaxError(codePointLength(text.slice(0, odd)) + 1, "a character that no text can hold", "well-formed text without U+0000");
  const cursor: Cursor = { tokens: tokenize(text), nowMs: options.nowMs, next: 0, terms: 0, depth: 0 };
  const filter = readOr(cursor);
  const rest = peek(cursor);
  if (rest.kind !== "end") throw syntaxError(rest.column, describe(rest), "and, or, or the end of the filter");
  return filter;
}

interface Cursor {
  readonly tokens: readonly Token[];
  readonly nowMs: number;
  next: number;
  terms: number;
  depth: number;
}

function readOr(cursor: Cursor): Filter {
  const any = [readAnd(cursor)];
  while (takeWord(cursor, "or")) any.push(readAnd(cursor));
  const [only] = any;
  return any.length === 1 && only !== undefined ? only : { kind: "or", any };
}

function readAnd(cursor: Cursor): Filter {
  const all = [readNot(cursor)];
  while (takeWord(cursor, "and")) all.push(readNot(cursor));
  const [only] = all;
  return all.length === 1 && only !== undefined ? only : { kind: "and", all };
}

function readNot(cursor: Cursor): Filter {
  if (takeWord(cursor, "not")) return deeper(cursor, () => ({ kind: "not", filter: readNot(cursor) }));
  if (takeSymbol(cursor, "(")) {
    return deeper(cursor, () => {
      const inner = readOr(cursor);
      expectSymbol(cursor, ")", "and, or, or a closing )");
      return inner;
    });
  }
  return readTerm(cursor);
}

function deeper(cursor: Cursor, read: () => Filter): Filter {
  if (++cursor.depth > filterLimits.depth) throw limitError("depth", "nested parentheses and nots");
  const filter = read();
  cursor.depth--;
  return filter;
}

function readTerm(cursor: Cursor): Filter {
  if (++cursor.terms > filterLimits.terms) throw limitError("terms");
  const fieldToken = take(cursor);
  if (fieldToken.kind !== "word") throw syntaxError(fieldToken.column, describe(fieldToken), "a field, not or (");
  const field = readFieldName(fieldToken);
  const operator = readOperator(cursor, fieldToken.text, field);
  if (operator === "is-missing") return { kind: "missing", field };
  if (operator === "in") return { kind: "in", field, values: readList(cursor, field) };
  const value = readValue(take(cursor), fieldOf(field), operator, cursor.nowMs);
  switch (operator) {
    case "contains":
      return { kind: "contains", field, text: String(value) };
    case "matches":
      return { kind: "matches", field, phrase: String(value) };
    case "has":
      return { kind: "has", field, value: String(value) };
    case "=":
    case "!=":
      if (fieldOf(field).type === "list") return membership(field, String(value), operator);
      return { kind: "compare", field, operator, value };
    case "<":
    case "<=":
    case ">":
    case ">=":
      return { kind: "compare", field, operator, value };
  }
}

/** `tag = x` says the same as `tag has x`. */
function membership(field: FilterFieldName, value: string, operator: "=" | "!="): Filter {
  const has: Filter = { kind: "has", field, value };
  return operator === "=" ? has : { kind: "not", filter: has };
}

function readFieldName(token: Token): FilterFieldName {
  const name = (Object.hasOwn(filterAliases, token.text) ? filterAliases[token.text] : undefined) ?? token.text;
  if (isPlainField(name)) return name;
  const path = jsonPathOf(name);
  if (path !== undefined) return jsonFieldName(path);
  throw new TilthError("filter/unknown-field", { column: token.column, field: name, hint: fieldHint(name) });
}

function fieldHint(name: string): string {
  if (/^(?:metadata|features)\b/.test(name)) return 'Name a place in it, as in metadata.team or metadata."a key".';
  const meant = nearest(name, Object.keys(filterFields));
  return meant === undefined
    ? `Fields are ${Object.keys(filterFields).join(", ")}, metadata.<path> and features.<path>.`
    : `Did you mean ${meant}?`;
}

const operators: readonly Operator[] = ["=", "!=", "<", "<=", ">", ">=", "in", "contains", "has", "is-missing", "matches"];

function readOperator(cursor: Cursor, written: string, field: FilterFieldName): Operator {
  const token = take(cursor);
  const { type } = fieldOf(field);
  const expected = `one of ${operatorsOf[type].join(" ")}`;
  const operator = token.kind === "quoted" ? undefined : operators.find((known) => known === token.text.toLowerCase());
  if (operator === undefined) throw syntaxError(token.column, describe(token), expected);
  if (!operatorsOf[type].includes(operator)) throw syntaxError(token.column, `\`${operator}\` does not fit the field ${written}`, expected);
  return operator;
}

function readList(cursor: Cursor, field: FilterFieldName): FilterLiteral[] {
  expectSymbol(cursor, "(", "( and the values, separated by commas");
  const values: FilterLiteral[] = [];
  do values.push(readValue(take(cursor), fieldOf(field), "in", cursor.nowMs));
  while (takeSymbol(cursor, ","));
  expectSymbol(cursor, ")", "a comma or a closing )");
  return values;
}

function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.next] ?? { kind: "end", text: "", column: 1 };
}

function take(cursor: Cursor): Token {
  const token = peek(cursor);
  cursor.next++;
  return token;
}

function takeWord(cursor: Cursor, word: "and" | "or" | "not"): boolean {
  const token = peek(cursor);
  if (token.kind !== "word" || token.text.toLowerCase() !== word) return false;
  cursor.next++;
  return true;
}

function takeSymbol(cursor: Cursor, symbol: string): boolean {
  const token = peek(cursor);
  if (token.kind !== "symbol" || token.text !== symbol) return false;
  cursor.next++;
  return true;
}

function expectSymbol(cursor: Cursor, symbol: string, expected: string): void {
  const token = peek(cursor);
  if (!takeSymbol(cursor, symbol)) throw syntaxError(token.column, describe(token), expected);
}

function limitError(limit: keyof typeof filterLimits, what: string = limit): TilthError<"filter/limit"> {
  return new TilthError("filter/limit", { what, limit: filterLimits[limit] });
}
