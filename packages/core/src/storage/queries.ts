import type { Expression, ExpressionBuilder, RawBuilder, SqlBool } from "kysely";
import { sql } from "kysely";
import { TilthError } from "../errors.ts";
import type { CompareOperator, Filter, FilterTerm } from "../schema/filter.ts";
import type { FilterField, FilterFieldName, FilterLiteral, JsonPath } from "../schema/filter-fields.ts";
import { fieldOf, isPlainField, jsonPathOf } from "../schema/filter-fields.ts";
import { foldCase, foldedFrom } from "../text/fold-case.ts";
import type { List, Scalar } from "./filter-places.ts";
import { places } from "./filter-places.ts";
import type { Pool } from "./tables.ts";

/**
 * Translates a filter into a condition on the rows of a query over `example`, which must go by its own name there.
 *
 * Selects exactly the rows for which `evaluateFilter` is true. Unknown (SQL null) counts as not true, as in `where`: to turn a filter
 * round, put a `not` into the tree, never around the expression. Comparisons of plain columns stay plain, so that indexes serve them.
 * `matches` needs a connection prepared by `registerFilterFunctions`.
 *
 * @param _eb - Proves to the compiler that the query has `example`; where two columns share a name, the table is named.
 * @throws {@link TilthError} `input/invalid` for a tree, not made by the parser, that names no field.
 * @example
 * queries.selectFrom("example").select("id").where((eb) => filterExpression(eb, parseFilter("kind = chat", { nowMs })));
 */
export function filterExpression(_eb: ExpressionBuilder<Pool, "example">, tree: Filter): Expression<SqlBool> {
  return translate(tree, true);
}

type Condition = RawBuilder<SqlBool>;

/** `not` is moved down to the leaves: only there may SQL's unknown become false. */
function translate(tree: Filter, wanted: boolean): Condition {
  switch (tree.kind) {
    case "and":
      return (wanted ? allOf : anyOf)(tree.all.map((part) => translate(part, wanted)));
    case "or":
      return (wanted ? anyOf : allOf)(tree.any.map((part) => translate(part, wanted)));
    case "not":
      return translate(tree.filter, !wanted);
    case "compare":
      if (tree.operator === "!=") return translate({ ...tree, operator: "=" }, !wanted);
      return asWanted(termCondition(tree), wanted);
    case "in":
    case "contains":
    case "has":
    case "missing":
    case "matches":
      return asWanted(termCondition(tree), wanted);
  }
}

function asWanted(condition: Condition, wanted: boolean): Condition {
  return wanted ? condition : sql<SqlBool>`(${condition}) is not true`;
}

function allOf(conditions: readonly Condition[]): Condition {
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

function anyOf(conditions: readonly Condition[]): Condition {
  return sql<SqlBool>`(${sql.join(conditions, sql` or `)})`;
}

function termCondition(term: FilterTerm): Condition {
  const { parts } = fieldOf(term.field);
  if (parts !== undefined) return (term.kind === "missing" ? allOf : anyOf)(parts.map((field) => termCondition({ ...term, field })));
  if (isPlainField(term.field)) {
    const place = places[term.field];
    return place.kind === "list" ? listCondition(term, place) : scalarCondition(term, place);
  }
  const path = jsonPathOf(term.field);
  if (path === undefined) throw new TilthError("input/invalid", { where: "filter", problem: `there is no field ${term.field}` });
  return jsonCondition(term, path);
}

function listCondition(term: FilterTerm, list: List): Condition {
  if (term.kind === "missing") return sql<SqlBool>`not exists (select 1 from ${list.rows})`;
  const values = term.kind === "in" ? term.values : term.kind === "has" ? [term.value] : unfit(term);
  return sql<SqlBool>`exists (select 1 from ${list.rows} and ${isOneOf(list.value, values)})`;
}

/** A leaf as a condition on the value at one place. */
export function scalarCondition(term: FilterTerm, place: Scalar): Condition {
  const field = fieldOf(term.field);
  const operand = operandOf(place);
  switch (term.kind) {
    case "compare":
      if (field.words === undefined) return compare(operand, term.operator, term.value);
      return wordCondition(operand, wordsThat(field, term.operator, term.value), place);
    case "in":
      return field.words === undefined ? isOneOf(operand, term.values) : wordCondition(operand, term.values, place);
    case "contains":
    case "matches":
      return searches(operand, term);
    case "missing":
      return sql<SqlBool>`${operand} is null`;
    case "has":
      return unfit(term);
  }
}

function operandOf(place: Scalar): RawBuilder<unknown> {
  switch (place.kind) {
    case "column":
      return sql.ref(`example.${place.column}`);
    case "stat": {
      const value = sql`(select ${sql.ref(place.column)} from example_stat where example_stat.n = example.n)`;
      return place.absent === undefined ? value : sql`coalesce(${value}, ${sql.lit(place.absent)})`;
    }
    case "select":
      return place.select;
  }
}

const comparisons: { readonly [O in CompareOperator]: RawBuilder<unknown> } = {
  "=": sql`=`,
  "!=": sql`<>`,
  "<": sql`<`,
  "<=": sql`<=`,
  ">": sql`>`,
  ">=": sql`>=`,
};

function compare(operand: RawBuilder<unknown>, operator: CompareOperator, value: FilterLiteral): Condition {
  return sql<SqlBool>`${operand} ${comparisons[operator]} ${bound(value)}`;
}

/** SQLite holds booleans as 0 and 1. */
function bound(value: FilterLiteral): string | number {
  return typeof value === "boolean" ? Number(value) : value;
}

/** True where the operand equals one of the values. */
export function isOneOf(operand: RawBuilder<unknown>, values: readonly FilterLiteral[]): Condition {
  const [only] = values;
  if (only === undefined) return sql<SqlBool>`false`;
  if (values.length === 1) return compare(operand, "=", only);
  return sql<SqlBool>`${operand} in (${sql.join(values.map(bound))})`;
}

/** A partial index serves only queries that repeat its condition. */
function wordCondition(operand: RawBuilder<unknown>, words: readonly FilterLiteral[], place: Scalar): Condition {
  const condition = isOneOf(operand, words);
  if (place.kind !== "column" || place.indexedBut === undefined || words.includes(place.indexedBut)) return condition;
  return sql<SqlBool>`(${condition} and ${operand} <> ${sql.lit(place.indexedBut)})`;
}

/** The words of a field that compare so with one of them, by rank. */
export function wordsThat(field: FilterField, operator: CompareOperator, value: FilterLiteral): readonly string[] {
  const all = field.words ?? [];
  const rank = all.findIndex((word) => word === value);
  if (rank < 0) return [];
  switch (operator) {
    case "=":
      return all.slice(rank, rank + 1);
    case "!=":
      return all.toSpliced(rank, 1);
    case "<":
      return all.slice(0, rank);
    case "<=":
      return all.slice(0, rank + 1);
    case ">":
      return all.slice(rank + 1);
    case ">=":
      return all.slice(rank);
  }
}

function searches(operand: RawBuilder<unknown>, term: Extract<FilterTerm, { readonly kind: "contains" | "matches" }>): Condition {
  if (term.kind === "matches") return sql<SqlBool>`has_phrase(${operand}, ${term.phrase}) = 1`;
  const sought = foldCase(term.text);
  return sql<SqlBool>`instr(${foldedFor(operand, sought)}, ${sought}) > 0`;
}

/** SQLite's `lower` knows ASCII alone; of the other letters only those that are sought need folding. */
function foldedFor(operand: RawBuilder<unknown>, sought: string): RawBuilder<unknown> {
  let folded = sql`lower(${operand})`;
  for (const character of new Set(sought)) {
    for (const variant of foldedFrom(character)) folded = sql`replace(${folded}, ${variant}, ${character})`;
  }
  return folded;
}

function jsonCondition(term: FilterTerm, path: JsonPath): Condition {
  // A member name holds neither quotes nor backslashes: the parser refuses them.
  const pointer = `$${path.members.map((name) => `."${name}"`).join("")}`;
  const json = { source: sql.ref(`example.${path.root}`), pointer };
  const type = sql`json_type(${json.source}, ${pointer})`;
  const value = sql`json_extract(${json.source}, ${pointer})`;
  switch (term.kind) {
    case "compare":
      return jsonCompare({ type, value }, term.operator, term.value);
    case "in":
      return anyOf(term.values.map((wanted) => jsonCompare({ type, value }, "=", wanted)));
    case "contains":
    case "matches":
      return sql<SqlBool>`(${type} = 'text' and ${searches(value, term)})`;
    case "missing":
      return sql<SqlBool>`coalesce(${type}, 'null') = 'null'`;
    case "has":
      return unfit(term);
  }
}

interface JsonOperand {
  readonly type: RawBuilder<unknown>;
  readonly value: RawBuilder<unknown>;
}

/** A number goes through REAL: canonical JSON writes 2^62 as 4611686018427388000, which SQLite reads as another integer. */
function jsonCompare({ type, value }: JsonOperand, operator: CompareOperator, wanted: FilterLiteral): Condition {
  if (typeof wanted === "boolean") return sql<SqlBool>`${type} = ${String(wanted)}`;
  if (typeof wanted === "string") return sql<SqlBool>`(${type} = 'text' and ${compare(value, operator, wanted)})`;
  return sql<SqlBool>`(${type} in ('integer', 'real') and ${compare(sql`cast(${value} as real)`, operator, wanted)})`;
}

function unfit(term: { readonly kind: string; readonly field: FilterFieldName }): never {
  throw new TilthError("input/invalid", { where: "filter", problem: `${term.kind} does not fit the field ${term.field}` });
}
