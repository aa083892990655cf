import type { Filter, FilterTerm } from "./filter.ts";
import type { FilterFieldName, FilterLiteral } from "./filter-fields.ts";
import { fieldOf } from "./filter-fields.ts";

/**
 * Writes a tree as text that parses to an equal tree.
 *
 * Ages have become ISO times by then, which no longer move with the clock. Same tree, same text.
 */
export function printFilter(tree: Filter): string {
  switch (tree.kind) {
    case "and":
      return tree.all
        .map((part) => (part.kind === "and" || part.kind === "or" ? `(${printFilter(part)})` : printFilter(part)))
        .join(" and ");
    case "or":
      return tree.any.map((part) => (part.kind === "or" ? `(${printFilter(part)})` : printFilter(part))).join(" or ");
    case "not":
      return tree.filter.kind === "and" || tree.filter.kind === "or"
        ? `not (${printFilter(tree.filter)})`
        : `not ${printFilter(tree.filter)}`;
    case "compare":
    case "in":
    case "contains":
    case "has":
    case "missing":
    case "matches":
      return printTerm(tree);
  }
}

function printTerm(term: FilterTerm): string {
  const { field } = term;
  switch (term.kind) {
    case "compare":
      return `${field} ${term.operator} ${printValue(term.value, field)}`;
    case "in":
      return `${field} in (${term.values.map((value) => printValue(value, field)).join(", ")})`;
    case "contains":
      return `${field} contains ${printText(term.text)}`;
    case "has":
      return `${field} has ${printText(term.value)}`;
    case "missing":
      return `${field} is-missing`;
    case "matches":
      return `${field} matches ${printText(term.phrase)}`;
  }
}

function printValue(value: FilterLiteral, field: FilterFieldName): string {
  const { type } = fieldOf(field);
  if (typeof value === "number" && type === "time") return new Date(value).toISOString();
  if (typeof value !== "string") return String(value);
  return type === "json" ? quote(value) : printText(value);
}

const BARE = /^[\p{L}\p{M}\p{N}_.:/@+-]+$/u;
const KEYWORDS = new Set(["and", "or", "not"]);

function printText(text: string): string {
  return BARE.test(text) && !KEYWORDS.has(text.toLowerCase()) ? text : quote(text);
}

const ESCAPED: { readonly [character: string]: string | undefined } = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quote(text: string): string {
  return `"${text.replaceAll(/["\\\n\r\t]/g, (character) => ESCAPED[character] ?? `\\${character}`)}"`;
}
