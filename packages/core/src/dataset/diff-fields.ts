import type { Content, Kind } from "../schema/content.ts";
import { contentMembers, kinds } from "../schema/content.ts";
import { versionColumns } from "../schema/column.ts";
import { commonFields, exampleToJson } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { rowToContent, rowToExample } from "../schema/row.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { VersionRow } from "./read-version.ts";

/** The columns that hold what an example says: which fields they stand for depends on its kind. */
export const contentColumns = [
  "kind",
  "input_text",
  "output_text",
  "system_prompt",
  "context",
  "rejected_output",
  "preference_reason",
  "body",
  "label",
  "intent",
  "sentiment",
  "persona",
  "categories",
  "entities",
] as const;

/** Kinds each of whose content columns is one field, so that nobody has to look into them. */
export const plainKinds: { readonly [K in Kind]?: Readonly<Record<string, string>> } = {
  text: { input_text: "text" },
  classification: {
    input_text: "text",
    intent: "labels.intent",
    sentiment: "labels.sentiment",
    persona: "labels.persona",
    categories: "labels.categories",
    entities: "entities",
  },
};

/** Members that are shown and counted one by one. */
const opened: ReadonlySet<string> = new Set(["labels", "document"]);

const isContentColumn: ReadonlySet<string> = new Set(contentColumns);

/** The Example fields of columns that differ, of rows that are of one plain kind or whose content is the same. */
export function fieldsOfColumns(columns: readonly string[], kind?: string): readonly string[] {
  const plain = new Map(Object.entries(plainKinds)).get(kind ?? "");
  return columns.flatMap((column) => (isContentColumn.has(column) ? (plain?.[column] ?? []) : fieldOfColumn(column)));
}

/** The Example field that a column outside of the content is. */
export function fieldOfColumn(column: string): string {
  const named: Readonly<Record<string, string>> = { quality_tier: "quality.tier", quality_score: "quality.score", subjects: "subjectId" };
  return named[column] ?? column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The fields in which two contents differ: members of their kinds, `kind` among them; labels and the place of a document one by one. */
export function changedContent(before: Content, after: Content): readonly string[] {
  const [old, now] = [flat(before), flat(after)];
  return [...new Map([...old, ...now]).keys()].filter((field) => !same(old.get(field), now.get(field)));
}

/** One field of an example that two versions hold differently. */
export interface FieldChange {
  readonly field: string;
  /** Absent where the field was. */
  readonly before?: Json;
  readonly after?: Json;
}

/** Every field in which two rows of one example differ, in the order examples are written. */
export function changesOfRow(before: VersionRow, after: VersionRow): readonly FieldChange[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const order = [...new Set([...old.keys(), ...now.keys()])];
  return order
    .filter((field) => !same(old.get(field), now.get(field)))
    .map((field) => ({ field, ...named("before", old.get(field)), ...named("after", now.get(field)) }));
}

/** Names that fields of a diff can have, for those who ask for some of them. */
export function diffFieldNames(): readonly string[] {
  const content = kinds.flatMap((kind) => contentMembers[kind]).filter((member) => !opened.has(member));
  const labels = ["labels", "labels.intent", "labels.sentiment", "labels.persona", "labels.categories"];
  const documents = ["document", "document.url", "document.title", "document.content"];
  const common = versionColumns.map((column) => column.name).filter((name) => name !== "id" && !isContentColumn.has(name));
  return [...new Set(["kind", ...content, ...labels, ...documents, "quality", ...common.map(fieldOfColumn)])];
}

/** True for the field itself and for all that lies below it: `labels` covers `labels.intent`. */
export function covers(wanted: string, field: string): boolean {
  return field === wanted || field.startsWith(`${wanted}.`);
}

/** All a version holds of a row, by field. */
function valuesOf(row: VersionRow): ReadonlyMap<string, Json> {
  const example = exampleToJson(rowToExample(row));
  const values = new Map<string, Json>(flat(rowToContent(row)));
  for (const field of commonFields) {
    const value = example[field];
    if (value !== undefined && !computed.has(field)) values.set(field, value);
  }
  values.set("quality.tier", row.quality_tier);
  if (row.quality_score !== null) values.set("quality.score", row.quality_score);
  if (row.subjects.length > 0) values.set("subjectId", row.subjects.length === 1 ? (row.subjects[0] ?? null) : row.subjects);
  return values;
}

/** Not held by versions, or told in other fields. */
const computed: ReadonlySet<string> = new Set(["rev", "contentHash", "inputHash", "quality", "engagement"]);

function flat(content: Content): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>([["kind", content.kind]]);
  for (const [member, value] of Object.entries(jsonOf(content))) {
    if (opened.has(member) && isJsonObject(value)) for (const [name, part] of Object.entries(value)) values.set(`${member}.${name}`, part);
    else values.set(member, value);
  }
  return values;
}

/** Content without absent members is plain JSON already. */
function jsonOf(content: Content): JsonObject {
  const members = Object.entries(content).filter((member) => member[1] !== undefined);
  return Object.fromEntries<Json>(members);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

function named<Name extends "before" | "after">(name: Name, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
}
