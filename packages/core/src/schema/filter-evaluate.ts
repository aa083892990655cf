import { foldCase } from "../text/fold-case.ts";
import { hasPhrase } from "../text/phrase.ts";
import type { CompareOperator, Filter, FilterTerm } from "./filter.ts";
import type { FilterField, FilterFieldName, FilterLiteral } from "./filter-fields.ts";
import { fieldOf } from "./filter-fields.ts";
import type { Json } from "./json.ts";

/**
 * A field's value: text, number, boolean, time in milliseconds, list of texts, or any JSON for places in `metadata` and `features`.
 * Missing is `undefined`; a JSON null and an empty list count as missing.
 */
export type FieldValue = Json | undefined;

/** Gives the value of a field of one example; never asked for `text`, only for its parts. */
export type FilterView = (field: FilterFieldName) => FieldValue;

/**
 * Says whether an example fits a filter: the definition that every translation to SQL follows. Every leaf is true or false.
 *
 * - Missing: only `is-missing` and `!=` are true of a missing value. `!=` is exactly `not =`, and `not` turns any leaf round.
 * - `= < …` on texts: by UTF-8 bytes, case counts. On ordered words: by rank; a word without rank fits only `!=`.
 * - JSON: a value of another type than the literal fits only `!=`; `contains` and `matches` are false of anything but text.
 * - `in`: equals one of the values. On a list: holds one of them. `has`: the list holds the value.
 * - `contains`: the text in it, in any case ({@link foldCase}). `matches`: its words in a row, in any case ({@link hasPhrase}).
 * - `text` is true where one of `input`, `output` and `rejected` is, and missing where all three are.
 *
 * Linear in the tree and in the texts it looks at.
 */
export function evaluateFilter(tree: Filter, view: FilterView): boolean {
  switch (tree.kind) {
    case "and":
      return tree.all.every((part) => evaluateFilter(part, view));
    case "or":
      return tree.any.some((part) => evaluateFilter(part, view));
    case "not":
      return !evaluateFilter(tree.filter, view);
    case "compare":
    case "in":
    case "contains":
    case "has":
    case "missing":
    case "matches":
      return evaluateTerm(tree, view);
  }
}

function evaluateTerm(term: FilterTerm, view: FilterView): boolean {
  const field = fieldOf(term.field);
  const values = (field.parts ?? [term.field]).map(view);
  switch (term.kind) {
    case "compare":
      return values.some((value) => fits(value, term.operator, term.value, field));
    case "in":
      return (field.type === "list" ? values.flatMap(membersOf) : values).some((value) =>
        term.values.some((wanted) => fits(value, "=", wanted, field)),
      );
    case "has":
      return values.flatMap(membersOf).includes(term.value);
    case "contains": {
      const sought = foldCase(term.text);
      return values.some((value) => typeof value === "string" && foldCase(value).includes(sought));
    }
    case "matches":
      return values.some((value) => typeof value === "string" && hasPhrase(value, term.phrase));
    case "missing":
      return values.every((value) => isMissing(value, field));
  }
}

function fits(value: FieldValue, operator: CompareOperator, wanted: FilterLiteral, field: FilterField): boolean {
  const order =
    field.words === undefined ? compareValues(value, wanted) : compareValues(rankOf(value, field.words), rankOf(wanted, field.words));
  if (order === undefined) return operator === "!=";
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** Below, equal or above zero as in a sort; nothing where the two cannot be compared. */
function compareValues(value: FieldValue, wanted: FieldValue): number | undefined {
  if (typeof value === "string" && typeof wanted === "string") return Buffer.compare(Buffer.from(value), Buffer.from(wanted));
  if (typeof value === "number" && typeof wanted === "number") return value - wanted;
  if (typeof value === "boolean" && typeof wanted === "boolean") return Number(value) - Number(wanted);
  return undefined;
}

function rankOf(word: FieldValue, words: readonly string[]): number | undefined {
  const rank = typeof word === "string" ? words.indexOf(word) : -1;
  return rank < 0 ? undefined : rank;
}

function membersOf(value: FieldValue): readonly FieldValue[] {
  return isList(value) ? value : [value];
}

function isMissing(value: FieldValue, field: FilterField): boolean {
  return value === undefined || value === null || (field.type === "list" && isList(value) && value.length === 0);
}

/** Array.isArray does not tell a readonly array from the rest of the union. */
function isList(value: FieldValue): value is readonly Json[] {
  return Array.isArray(value);
}
