import fc from "fast-check";
import { hasWords } from "../text/words.ts";
import type { CompareOperator, Filter, FilterTerm } from "./filter.ts";
import type { FieldValue, FilterView } from "./filter-evaluate.ts";
import type { FilterFieldName, FilterLiteral, PlainFieldName } from "./filter-fields.ts";
import { fieldOf, filterFields, isPlainField, jsonFieldName, jsonPathOf, operatorsOf } from "./filter-fields.ts";
import type { Json, JsonObject } from "./json.ts";
import { isJsonObject } from "./json.ts";

/** What a filter sees of one made-up example; every translation of the filter language must agree on it with `evaluateFilter`. */
export interface FilterRecord {
  /** Every field but `text`; missing ones are left out. */
  readonly values: Readonly<Partial<Record<PlainFieldName, FieldValue>>>;
  readonly metadata: JsonObject;
  readonly features: JsonObject;
}

const alwaysThere: ReadonlySet<PlainFieldName> = new Set<PlainFieldName>([
  ...(["id", "kind", "source", "sourceKind", "groupKey", "domain", "weight", "quality.tier", "reviewStatus", "lifecycle"] as const),
  ...(["includeInTraining", "wasCorrected", "validated", "createdAt", "createdBy", "updatedAt", "rev", "input", "tag", "rule"] as const),
  ...(["engagement.impressions", "engagement.viewers", "engagement.likes", "engagement.reposts", "engagement.replies"] as const),
  ...(["engagement.bookmarks", "engagement.shares", "engagement.dismissals", "useCount", "used", "isDuplicate"] as const),
]);
const wholeNumbers: ReadonlySet<PlainFieldName> = new Set<PlainFieldName>(["complexity", "rev", "useCount"]);

/** Words and sentences that meet each other often: case beyond ASCII, scripts without spaces, what SQL patterns would take for wildcards. */
const texts = [
  ...'|a|b|B|big|big cat|A BIG, cat!|bigger cats|a_b|50%|it\'s|"quoted" \\ text|Äpfel|äPFEL und Straße|ΣΊΣΥΦΟΣ|σίσυφος'.split("|"),
  ..."щука|ЩУКА и Ёлка|ǅ|İstanbul|国会議事堂|国会|เงินเดือน|gm 🎀|🎀|line\nbreak|tab\there|true|and|2026-01-31|30d|5|-1.5|\u212belvin \u212a".split(
    "|",
  ),
];

const someText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }).map((text) => text.replaceAll(/\0|\p{Surrogate}/gu, "")) },
);
const someNumber = fc.oneof(
  fc.integer({ min: -2, max: 12 }),
  fc.integer({ min: -4, max: 8 }).map((n) => n / 4),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
);
const someTime = fc.oneof(
  fc.constantFrom(0, 1, 1_767_225_600_000, 1_769_817_600_000),
  fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
);
const member = fc.constantFrom("a", "b", "team", "gen_ai.system", "a key", "ü", "0", "a-b", "[1]", "it's");
const someJson: fc.Arbitrary<Json> = fc.letrec<{ readonly json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.oneof(someText, someNumber, fc.boolean(), fc.constant(null)),
    fc.array(tie("json"), { maxLength: 2 }),
    fc.dictionary(member, tie("json"), { maxKeys: 3 }),
  ),
})).json;
const someObject = fc.dictionary(member, someJson, { maxKeys: 6 });

/** Examples whose values meet those of {@link arbitraryFilter} often. */
export function arbitraryRecord(): fc.Arbitrary<FilterRecord> {
  const values: Partial<Record<PlainFieldName, fc.Arbitrary<FieldValue>>> = {};
  for (const name of plainFields()) {
    const value = valueOf(name);
    if (fieldOf(name).type !== "parts") values[name] = alwaysThere.has(name) ? value : fc.option(value, { nil: undefined, freq: 4 });
  }
  return fc.record({ values: fc.record(values).map(consistent), metadata: someObject, features: someObject });
}

/** Whoever has a finding has a worst one; what was counted as used was used. */
function consistent(values: FilterRecord["values"]): FilterRecord["values"] {
  const { severity, ...rest } = values;
  const found = Array.isArray(values.rule) && values.rule.length > 0;
  const used = values.used === true || (typeof values.useCount === "number" && values.useCount > 0);
  return { ...rest, used, ...(found ? { severity: severity ?? "info" } : {}) };
}

/** Shows a record as the oracle sees it. */
export function viewOf(record: FilterRecord): FilterView {
  return (field) => {
    if (isPlainField(field)) return record.values[field];
    const path = jsonPathOf(field);
    let value: FieldValue = path === undefined ? undefined : record[path.root];
    for (const name of path?.members ?? []) value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    return value;
  };
}

/** Trees as the parser makes them, over every field and every operator. */
export function arbitraryFilter(): fc.Arbitrary<Filter> {
  return fc.letrec<{ readonly filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      arbitraryTerm(),
      fc.array(tie("filter"), { minLength: 2, maxLength: 3 }).map((all): Filter => ({ kind: "and", all })),
      fc.array(tie("filter"), { minLength: 2, maxLength: 3 }).map((any): Filter => ({ kind: "or", any })),
      tie("filter").map((filter): Filter => ({ kind: "not", filter })),
    ),
  })).filter;
}

/** One question about one field, each field as likely as the others. */
export function arbitraryTerm(): fc.Arbitrary<FilterTerm> {
  const place = fc
    .record({ root: fc.constantFrom("metadata" as const, "features" as const), members: fc.array(member, { minLength: 1, maxLength: 2 }) })
    .map(jsonFieldName);
  return fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...plainFields()) }, { weight: 1, arbitrary: place }).chain(termOn);
}

function termOn(field: FilterFieldName): fc.Arbitrary<FilterTerm> {
  const { type } = fieldOf(field);
  const literal = literalOf(field);
  const terms: fc.Arbitrary<FilterTerm>[] = [fc.constant({ kind: "missing", field })];
  for (const operator of operatorsOf[type]) {
    if (operator === "in") terms.push(fc.array(literal, { minLength: 1, maxLength: 3 }).map((values) => ({ kind: "in", field, values })));
    else if (operator === "contains") terms.push(someText.filter((text) => text !== "").map((text) => ({ kind: "contains", field, text })));
    else if (operator === "matches") terms.push(someText.filter(hasWords).map((phrase) => ({ kind: "matches", field, phrase })));
    else if (operator === "has") terms.push(someText.map((value) => ({ kind: "has", field, value })));
    else if (operator !== "is-missing" && type !== "list") terms.push(comparison(field, operator, literal));
  }
  return fc.oneof(...terms);
}

function comparison(field: FilterFieldName, operator: CompareOperator, literal: fc.Arbitrary<FilterLiteral>): fc.Arbitrary<FilterTerm> {
  const ordered = operator === "=" || operator === "!=" || fieldOf(field).type !== "json";
  const values = ordered ? literal : literal.filter((value) => typeof value !== "boolean");
  return values.map((value) => ({ kind: "compare", field, operator, value }));
}

function literalOf(name: FilterFieldName): fc.Arbitrary<FilterLiteral> {
  const { type, words } = fieldOf(name);
  if (words !== undefined) return fc.constantFrom(...words);
  if (type === "number") return someNumber;
  if (type === "time") return someTime;
  if (type === "boolean") return fc.boolean();
  return type === "json" ? fc.oneof(someText, someNumber, fc.boolean()) : someText;
}

function valueOf(name: PlainFieldName): fc.Arbitrary<FieldValue> {
  const { type } = fieldOf(name);
  if (wholeNumbers.has(name) || name.startsWith("engagement.")) return fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 }));
  if (type === "list") return fc.uniqueArray(someText, { maxLength: 3 });
  return literalOf(name);
}

function plainFields(): PlainFieldName[] {
  return Object.keys(filterFields).filter(isPlainField);
}
