import type { Example } from "./example.ts";
import type { Filter } from "./filter.ts";
import type { FieldValue, FilterView } from "./filter-evaluate.ts";
import type { FilterFieldName, PlainFieldName } from "./filter-fields.ts";
import { isPlainField, jsonPathOf } from "./filter-fields.ts";
import { isJsonObject } from "./json.ts";
import { contentToColumns } from "./row-content.ts";

/** Fields that an example does not carry itself: they lie in other tables of the pool and change without a new revision. */
export const poolOnlyFields = [
  "rule",
  "severity",
  "engagement.impressions",
  "engagement.viewers",
  "engagement.likes",
  "engagement.reposts",
  "engagement.replies",
  "engagement.bookmarks",
  "engagement.shares",
  "engagement.dismissals",
  "useCount",
  "lastUsedAt",
  "used",
  "freshness",
  "isDuplicate",
] as const satisfies readonly PlainFieldName[];

/** What the pool knows of one example beside its row, by field. */
export type PoolFacts = Readonly<Partial<Record<(typeof poolOnlyFields)[number], FieldValue>>>;

/**
 * Shows an example to {@link evaluateFilter}, so that rows of a version are chosen as the pool's are.
 *
 * @param facts - Values of {@link poolOnlyFields}, where the filter asks for them.
 */
export function exampleView(example: Example, facts: PoolFacts = {}): FilterView {
  const known = new Map<string, FieldValue>(Object.entries(facts));
  const columns = contentToColumns(example);
  const values = new Map<string, FieldValue>(Object.entries(plainValues(example)));
  const texts: Readonly<Partial<Record<PlainFieldName, string | null>>> = {
    input: columns.input_text,
    output: columns.output_text,
    rejected: columns.rejected_output,
    systemPrompt: columns.system_prompt,
    context: columns.context,
    intent: columns.intent,
    sentiment: columns.sentiment,
    persona: columns.persona,
  };
  return (field) => {
    if (!isPlainField(field)) return placeIn(example, field);
    return known.get(field) ?? texts[field] ?? values.get(field) ?? undefined;
  };
}

/** The fields a filter asks for. */
export function fieldsOfFilter(filter: Filter): ReadonlySet<FilterFieldName> {
  switch (filter.kind) {
    case "and":
      return new Set(filter.all.flatMap((part) => [...fieldsOfFilter(part)]));
    case "or":
      return new Set(filter.any.flatMap((part) => [...fieldsOfFilter(part)]));
    case "not":
      return fieldsOfFilter(filter.filter);
    case "compare":
    case "in":
    case "contains":
    case "has":
    case "missing":
    case "matches":
      return new Set([filter.field]);
  }
}

function plainValues(example: Example): Readonly<Record<string, FieldValue>> {
  const { createdAt, updatedAt, tags, quality } = example;
  return {
    ...scalarsOf(example),
    tag: [...tags],
    "quality.tier": quality.tier,
    ...(quality.score === undefined ? {} : { "quality.score": quality.score }),
    createdAt: Date.parse(createdAt),
    updatedAt: Date.parse(updatedAt),
    ...(example.kind === "rating" ? { label: example.label } : {}),
    ...(example.kind === "classification" && example.labels.categories !== undefined ? { category: [...example.labels.categories] } : {}),
  };
}

/** Members that are values themselves, under their own names. */
function scalarsOf(example: Example): Readonly<Record<string, FieldValue>> {
  const scalars = Object.entries(example).filter(([name, value]) => isScalar(value) && name !== "text" && name !== "reason");
  return Object.fromEntries(scalars);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function placeIn(example: Example, field: FilterFieldName): FieldValue {
  const path = jsonPathOf(field);
  if (path === undefined) return undefined;
  let value: FieldValue = path.root === "metadata" ? example.metadata : example.features;
  for (const name of path.members) value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}
