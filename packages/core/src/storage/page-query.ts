import type { RawBuilder, SelectQueryBuilder, SqlBool } from "kysely";
import { expressionBuilder, sql } from "kysely";
import type { Filter, FilterTerm } from "../schema/filter.ts";
import { isPlainField } from "../schema/filter-fields.ts";
import type { PlainFieldName } from "../schema/filter-fields.ts";
import type { ExampleRow } from "../schema/row.ts";
import { facetCondition } from "./facet-filter.ts";
import { filterExpression, isOneOf } from "./queries.ts";
import type { Queries } from "./storage.ts";
import type { StretchOptions } from "./stretches.ts";
import { walkDown } from "./stretches.ts";
import type { Pool } from "./tables.ts";

export interface PageOptions extends PageChoice {
  /** Only rows with a lower number. */
  readonly below?: number;
  /** Asked between two looks at the pool. */
  readonly signal?: AbortSignal;
}

interface PageChoice {
  readonly where?: Filter;
  /** A dataset's id: only its members. */
  readonly datasetId?: string;
  readonly rows: number;
  /** A condition met by fewer rows than this leads the search. @defaultValue 5_000 */
  readonly few?: number;
}

export type PageRow = ExampleRow & { readonly n: number };

/**
 * Reads the newest examples that fit, newest first.
 *
 * SQLite cannot know how many rows a value has, and would go through the whole pool for a rare one. So each condition that an index serves
 * is tried: the first that is met by few rows leads, and only these are looked at. Where all are met by many, the rows of `facet` are gone
 * through from the newest on, about 60 ms for a million, until the page is full: a stretch at a time, so that whatever else waits for this
 * thread gets its turn in between.
 */
export async function readPage(queries: Queries, options: PageOptions): Promise<readonly PageRow[]> {
  const [lead, above] = await Promise.all([leadOf(queries, options), options.below ?? numberAbove(queries)]);
  if (lead?.isFew === true) return pageQuery(queries, { ...options, lead }).execute();
  const below = lead === undefined ? above : await firstBelow(queries, { lead, above });
  const found: PageRow[] = [];
  await walkDown({ below, rowsAre: rowsOfStretch(options), signal: options.signal }, async (stretch) => {
    const query = pageQuery(queries, {
      ...options,
      ...stretch,
      rows: options.rows - found.length,
      ...(lead === undefined ? {} : { lead }),
    });
    found.push(...(await query.execute()));
    return found.length >= options.rows;
  });
  return found;
}

/** Above the newest row that leads: what came after it need not be looked at. */
async function firstBelow(queries: Queries, { lead, above }: { readonly lead: Lead; readonly above: number }): Promise<number> {
  const { rows } = await sql<{ readonly n: number }>`select n from ${lead.rows} where n < ${above} order by n desc limit 1`.execute(
    queries,
  );
  return (rows[0]?.n ?? -1) + 1;
}

/** Where the small rows know every condition, the others are read only of examples that fit. */
function rowsOfStretch({ where }: PageChoice): StretchOptions["rowsAre"] {
  return where === undefined || parts(where).every((part) => facetCondition(part) !== undefined) ? "small" : "whole";
}

/** What must all be true. */
function parts(filter: Filter): readonly Filter[] {
  return filter.kind === "and" ? filter.all.flatMap(parts) : [filter];
}

/** The number that the next example gets, or a lower one that none has. */
export async function numberAbove(queries: Queries): Promise<number> {
  const newest = await queries.selectFrom("facet").select("n").orderBy("n", "desc").limit(1).executeTakeFirst();
  return (newest?.n ?? 0) + 1;
}

export interface PartOptions extends PageChoice {
  readonly lead?: Lead;
  /** The row numbers of the stretch, `from` inclusive. */
  readonly below?: number;
  readonly from?: number;
}

/** A query for the newest examples of a stretch of the pool that fit, newest first. */
export function pageQuery(queries: Queries, options: PartOptions): SelectQueryBuilder<Pool, "example", PageRow> {
  const numbers = pageNumbers(options);
  return queries
    .selectFrom("example")
    .selectAll()
    .where("n", "in", sql<number>`(${numbers})`)
    .orderBy("n", "desc");
}

/** The numbers of some rows: a table expression with a column `n`. */
type Rows = RawBuilder<unknown>;

/** `cross join` keeps SQLite to this order: first what leads, then the small rows, then the whole ones. */
function pageNumbers({ where, datasetId, rows, below, from: first, lead }: PartOptions): RawBuilder<unknown> {
  const n = lead === undefined ? sql.ref("facet.n") : sql.ref("lead.n");
  const facets = where === undefined ? undefined : facetCondition(where);
  const conditions = [
    ...(lead === undefined ? [] : [sql<SqlBool>`facet.n = lead.n`]),
    sql<SqlBool>`example.n = facet.n`,
    ...(below === undefined ? [] : [sql<SqlBool>`${n} < ${below}`]),
    ...(first === undefined || first === 0 ? [] : [sql<SqlBool>`${n} >= ${first}`]),
    ...(facets === undefined ? [] : [facets]),
    ...(datasetId === undefined || lead?.areMembers === true
      ? []
      : [sql<SqlBool>`exists (select 1 from member where dataset_id = ${datasetId} and member.n = facet.n)`]),
    ...(where === undefined ? [] : [filterExpression(expressionBuilder<Pool, "example">(), where)]),
  ];
  // An index of facet may lead; going through it by one would put its rows out of the order of the page.
  const from = lead === undefined ? sql`facet not indexed` : sql`${lead.rows} as lead cross join facet not indexed`;
  return sql`select example.n from ${from} cross join example where ${sql.join(conditions, sql` and `)} order by ${n} desc limit ${rows}`;
}

/** So many rows are looked at in about 20 ms. */
const FEW = 5_000;
/** Each trial takes about a millisecond. */
const MOST_TRIALS = 8;

/** The rows that a page is looked for among. */
export interface Lead {
  readonly rows: Rows;
  /** They are looked at all at once; others come in the order of the page. */
  readonly isFew: boolean;
  /** They are the members of the dataset that is asked for. */
  readonly areMembers?: true;
}

/** Finds what leads; exported to let a test see the plan of what `readPage` runs. */
export async function leadOf(queries: Queries, { where, datasetId, few = FEW }: PageChoice): Promise<Lead | undefined> {
  const terms = (where === undefined ? [] : conjuncts(where)).flatMap((term) => rowsOf(term) ?? []);
  for (const rows of terms.slice(0, MOST_TRIALS)) {
    const { rows: counted } = await sql<{
      readonly count: number;
    }>`select count(*) as count from (select 1 from ${rows} limit ${few})`.execute(queries);
    // The limit cuts off nothing; without it SQLite would go through the pool in the order of the page after all.
    if ((counted[0]?.count ?? few) < few) return { rows: sql`(select n from ${rows} limit ${few})`, isFew: true };
  }
  // In the order of the key, which is that of the page.
  if (datasetId !== undefined) return { rows: sql`(select n from member where dataset_id = ${datasetId})`, isFew: false, areMembers: true };
  const tagged = (where === undefined ? [] : conjuncts(where)).find((term) => term.field === "tag" && term.kind === "has");
  return tagged?.kind === "has" ? { rows: sql`(select n from example_tag where tag = ${tagged.value})`, isFew: false } : undefined;
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

/** Fields of which an index of the small rows finds those that hold a value, by their columns there. */
const indexedSmall: { readonly [Name in PlainFieldName]?: string } = {
  "quality.tier": "quality_tier",
  severity: "severity",
  relevance: "relevance",
  topic: "topic",
  language: "language",
  sourceKind: "source_kind",
};

/** The rows of a leaf that an index finds; undefined where none does. */
function rowsOf(term: FilterTerm): Rows | undefined {
  if (!isPlainField(term.field)) return undefined;
  const small = indexedSmall[term.field];
  if (small !== undefined) return smallRows(term, small);
  if (term.field === "tag" || term.field === "rule") return listedRows(term, term.field);
  if (term.field === "isDuplicate" && term.kind === "compare" && term.operator === "=" && term.value === true)
    return sql`(select n from duplicate)`;
  const served =
    term.kind === "in" ||
    (term.kind === "compare" && (term.operator === "=" || (term.field === "quality.score" && term.operator !== "!=")));
  if (!served || !indexed.has(term.field)) return undefined;
  return sql`(select n from example where ${filterExpression(expressionBuilder<Pool, "example">(), term)})`;
}

/** An index of present values serves only who asks for these. */
function smallRows(term: FilterTerm, column: string): Rows | undefined {
  if (term.kind !== "in" && (term.kind !== "compare" || term.operator === "!=")) return undefined;
  const condition = facetCondition(term);
  return condition === undefined ? undefined : sql`(select n from facet where ${condition} and ${sql.ref(`facet.${column}`)} > 0)`;
}

function listedRows(term: FilterTerm, field: "tag" | "rule"): Rows | undefined {
  if (term.kind !== "has" && term.kind !== "in") return undefined;
  const table = field === "tag" ? sql`example_tag` : sql`finding`;
  // A rule can find something twice, and a row can have two of the tags.
  return sql`(select distinct n from ${table} where ${isOneOf(sql.ref(field), term.kind === "has" ? [term.value] : term.values)})`;
}
