import type { RawBuilder, SelectQueryBuilder, SqlBool } from "kysely";
import { expressionBuilder, sql } from "kysely";
import type { Filter, FilterTerm } from "../schema/filter.ts";
import { isPlainField } from "../schema/filter-fields.ts";
import type { PlainFieldName } from "../schema/filter-fields.ts";
import type { ExampleRow } from "../schema/row.ts";
import { facetCondition } from "./facet-filter.ts";
import { filterExpression, isOneOf } from "./queries.ts";
import type { Queries } from "./storage.ts";
import type { Pool } from "./tables.ts";

export interface PageOptions {
  readonly where?: Filter;
  /** A dataset's id: only its members. */
  readonly datasetId?: string;
  readonly rows: number;
  /** Only rows with a lower number. */
  readonly below?: number;
  /** A condition met by fewer rows than this leads the search. @defaultValue 5_000 */
  readonly few?: number;
}

export type PageQuery = SelectQueryBuilder<Pool, "example", ExampleRow & { readonly n: number }>;

/**
 * A query for the newest examples that fit, newest first.
 *
 * SQLite cannot know how many rows a value has, and would go through the whole pool for a rare one. So each condition that an index serves
 * is tried: the first that is met by few rows leads, and only these are looked at. Where all are met by many, the rows of `facet` are gone
 * through from the newest on, about 60 ms for a million, until the page is full.
 */
export async function pageQuery(queries: Queries, options: PageOptions): Promise<PageQuery> {
  const numbers = pageNumbers(options, await leadOf(queries, options));
  return queries
    .selectFrom("example")
    .selectAll()
    .where("n", "in", sql<number>`(${numbers})`)
    .orderBy("n", "desc");
}

/** The numbers of some rows: a table expression with a column `n`. */
type Rows = RawBuilder<unknown>;

/** `cross join` keeps SQLite to this order: first what leads, then the small rows, then the whole ones. */
function pageNumbers({ where, datasetId, rows, below }: PageOptions, lead: Rows | undefined): RawBuilder<unknown> {
  const n = lead === undefined ? sql.ref("facet.n") : sql.ref("lead.n");
  const facets = where === undefined ? undefined : facetCondition(where);
  const conditions = [
    ...(lead === undefined ? [] : [sql<SqlBool>`facet.n = lead.n`]),
    sql<SqlBool>`example.n = facet.n`,
    ...(below === undefined ? [] : [sql<SqlBool>`${n} < ${below}`]),
    ...(facets === undefined ? [] : [facets]),
    ...(datasetId === undefined
      ? []
      : [sql<SqlBool>`exists (select 1 from member where dataset_id = ${datasetId} and member.n = facet.n)`]),
    ...(where === undefined ? [] : [filterExpression(expressionBuilder<Pool, "example">(), where)]),
  ];
  const from = lead === undefined ? sql`facet` : sql`${lead} as lead cross join facet`;
  return sql`select example.n from ${from} cross join example where ${sql.join(conditions, sql` and `)} order by ${n} desc limit ${rows}`;
}

/** So many rows are looked at in about 20 ms. */
const FEW = 5_000;
/** Each trial takes about a millisecond. */
const MOST_TRIALS = 8;

async function leadOf(queries: Queries, { where, datasetId, few = FEW }: PageOptions): Promise<Rows | undefined> {
  const terms = (where === undefined ? [] : conjuncts(where)).flatMap((term) => rowsOf(term) ?? []);
  for (const rows of terms.slice(0, MOST_TRIALS)) {
    const { rows: counted } = await sql<{
      readonly count: number;
    }>`select count(*) as count from (select 1 from ${rows} limit ${few})`.execute(queries);
    // The limit cuts off nothing; without it SQLite would go through the pool in the order of the page after all.
    if ((counted[0]?.count ?? few) < few) return sql`(select n from ${rows} limit ${few})`;
  }
  // In the order of the key, which is that of the page.
  return datasetId === undefined ? undefined : sql`(select n from member where dataset_id = ${datasetId})`;
}

/** The leaves of a filter that must all be true. */
function conjuncts(filter: Filter): readonly FilterTerm[] {
  switch (filter.kind) {
    case "and":
      return filter.all.flatMap(conjuncts);
    case "or":
    case "not":
      return [];
    case "compare":
    case "in":
    case "contains":
    case "has":
    case "missing":
    case "matches":
      return [filter];
  }
}

/** Fields of which an index finds the rows that hold a value. */
const indexed: ReadonlySet<PlainFieldName> = new Set([
  "id",
  "kind",
  "source",
  "domain",
  "type",
  "project",
  "reviewStatus",
  "lifecycle",
  "sourceId",
  "parentId",
  "quality.score",
]);

/** The rows of a leaf that an index finds; undefined where none does. */
function rowsOf(term: FilterTerm): Rows | undefined {
  if (!isPlainField(term.field)) return undefined;
  if (term.field === "tag" || term.field === "rule") return listedRows(term, term.field);
  if (term.field === "isDuplicate" && term.kind === "compare" && term.operator === "=" && term.value === true)
    return sql`(select n from duplicate)`;
  const served =
    term.kind === "in" ||
    (term.kind === "compare" && (term.operator === "=" || (term.field === "quality.score" && term.operator !== "!=")));
  if (!served || !indexed.has(term.field)) return undefined;
  return sql`(select n from example where ${filterExpression(expressionBuilder<Pool, "example">(), term)})`;
}

function listedRows(term: FilterTerm, field: "tag" | "rule"): Rows | undefined {
  if (term.kind !== "has" && term.kind !== "in") return undefined;
  const table = field === "tag" ? sql`example_tag` : sql`finding`;
  // A rule can find something twice, and a row can have two of the tags.
  return sql`(select distinct n from ${table} where ${isOneOf(sql.ref(field), term.kind === "has" ? [term.value] : term.values)})`;
}
