import type { RawBuilder, SqlBool } from "kysely";
import { sql } from "kysely";
import type { CompareOperator, Filter, FilterTerm } from "../schema/filter.ts";
import type { PlainFieldName } from "../schema/filter-fields.ts";
import { fieldOf, isPlainField } from "../schema/filter-fields.ts";
import { facetColumns } from "./counters.ts";
import { places } from "./filter-places.ts";
import { scalarCondition, wordsThat } from "./queries.ts";
import { dayOf, scoreBin } from "./sqlite-hanging.ts";

type Condition = RawBuilder<SqlBool>;

/**
 * A condition on the small rows of `facet` that holds wherever the filter does, and mostly nowhere else; undefined where these rows say
 * nothing about it.
 *
 * Going through all of `facet` takes about a tenth of the time that `example` takes: what remains is held against the filter itself.
 */
export function facetCondition(tree: Filter, wanted = true): Condition | undefined {
  switch (tree.kind) {
    case "and":
      return joined(tree.all, wanted, wanted);
    case "or":
      return joined(tree.any, !wanted, wanted);
    case "not":
      return facetCondition(tree.filter, !wanted);
    case "compare":
      if (tree.operator === "!=") return facetCondition({ ...tree, operator: "=" }, !wanted);
      return termCondition(tree, wanted);
    case "in":
    case "contains":
    case "has":
    case "missing":
    case "matches":
      return termCondition(tree, wanted);
  }
}

/** Of conditions that must all hold, some may be unknown; of alternatives none. */
function joined(parts: readonly Filter[], all: boolean, wanted: boolean): Condition | undefined {
  const conditions = parts.map((part) => facetCondition(part, wanted));
  const known = conditions.filter((condition) => condition !== undefined);
  if (known.length === 0 || (!all && known.length < parts.length)) return undefined;
  return sql<SqlBool>`(${sql.join(known, all ? sql` and ` : sql` or `)})`;
}

function termCondition(term: FilterTerm, wanted: boolean): Condition | undefined {
  if (!isPlainField(term.field)) return undefined;
  const grown = coarse[term.field];
  if (grown !== undefined) return coarseCondition(term, grown, wanted);
  if (term.field === "severity") return severityCondition(term, wanted);
  const place = places[term.field];
  const column = facetColumns.find((name) => place.kind === "column" && place.column === name);
  return column === undefined ? undefined : codeCondition(term, column, wanted);
}

/** Codes are given away as values come: what fits is looked up among the values there are. */
function codeCondition(term: FilterTerm, column: (typeof facetColumns)[number], wanted: boolean): Condition {
  const code = sql.ref(`facet.${column}`);
  if (term.kind === "missing") return sql<SqlBool>`${code} ${wanted ? sql`=` : sql`<>`} 0`;
  const fits = scalarCondition(term, { kind: "select", select: sql`facet_value.value` });
  const codes = sql`(select code from facet_value where facet_value.facet = ${sql.lit(column)} and ${fits})`;
  // One number is compared faster than a list is searched.
  if (term.kind === "compare" && term.operator === "=") return sql<SqlBool>`${code} ${wanted ? sql`is` : sql`is not`} ${codes}`;
  return sql<SqlBool>`${code} ${wanted ? sql`in` : sql`not in`} ${codes}`;
}

/** The worst finding as a number, 0 where there is none. */
function severityCondition(term: FilterTerm, wanted: boolean): Condition | undefined {
  const code = sql.ref("facet.severity");
  const field = fieldOf("severity");
  const words = term.kind === "compare" ? wordsThat(field, term.operator, term.value) : term.kind === "in" ? term.values : undefined;
  if (term.kind === "missing") return sql<SqlBool>`${code} ${wanted ? sql`=` : sql`<>`} 0`;
  if (words === undefined) return undefined;
  const codes = words.map((word) => 1 + (field.words ?? []).findIndex((known) => known === word));
  return sql<SqlBool>`${code} ${wanted ? sql`in` : sql`not in`} (${sql.join(codes.map((one) => sql.lit(one)))})`;
}

/** A number of `facet` that grows with the value of a field. */
interface Coarse {
  readonly column: "score_bin" | "day";
  readonly of: (value: number) => number;
  /** Stands where the value is missing. */
  readonly absent?: 0;
}

const coarse: { readonly [Name in PlainFieldName]?: Coarse } = {
  "quality.score": { column: "score_bin", of: scoreBin, absent: 0 },
  createdAt: { column: "day", of: dayOf },
};

/** Of the number at the edge only a part fits, so that it is always among those to look at. */
function coarseCondition(term: FilterTerm, { column, of, absent }: Coarse, wanted: boolean): Condition | undefined {
  const code = sql.ref(`facet.${column}`);
  if (term.kind === "missing") return absent === undefined ? undefined : sql<SqlBool>`${code} ${wanted ? sql`=` : sql`<>`} 0`;
  if (term.kind !== "compare" || typeof term.value !== "number") return undefined;
  const edge = sql.lit(of(term.value));
  switch (wanted ? term.operator : opposites[term.operator]) {
    case "=":
      return sql<SqlBool>`${code} = ${edge}`;
    case "!=":
      return undefined;
    case ">":
    case ">=":
      return wanted || absent === undefined ? sql<SqlBool>`${code} >= ${edge}` : sql<SqlBool>`(${code} >= ${edge} or ${code} = 0)`;
    case "<":
    case "<=":
      return wanted && absent !== undefined ? sql<SqlBool>`${code} between 1 and ${edge}` : sql<SqlBool>`${code} <= ${edge}`;
  }
}

const opposites: { readonly [O in CompareOperator]: CompareOperator } = {
  "=": "!=",
  "!=": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};
