import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { PlainFieldName } from "../schema/filter-fields.ts";
import type { ExampleStatTable, ExampleTable } from "./tables.ts";

/** Where the value of a field lies. */
export type Place = Scalar | List;
export type Scalar =
  /** `indexedBut`: the value that the column's partial index leaves out. */
  | { readonly kind: "column"; readonly column: keyof ExampleTable; readonly indexedBut?: string }
  /** A row of its own, which most examples lack. */
  | { readonly kind: "stat"; readonly column: keyof ExampleStatTable; readonly absent?: 0 }
  | { readonly kind: "select"; readonly select: RawBuilder<unknown> };
/** `rows` are the members, in `value`; it ends in a condition, so that more can follow. */
export interface List {
  readonly kind: "list";
  readonly value: RawBuilder<unknown>;
  readonly rows: RawBuilder<unknown>;
}

const worstSeverity = sql`(select severity from finding where finding.n = example.n
  order by case severity when 'error' then 2 when 'warning' then 1 else 0 end desc limit 1)`;
const wasUsed = sql`exists (select 1 from example_stat where example_stat.n = example.n and (runs_used > 0 or use_count > 0))`;

/** The pool's place for every field of the filter language. */
export const places: { readonly [Name in PlainFieldName]: Place } = {
  id: column("id"),
  kind: column("kind"),
  source: column("source"),
  sourceKind: column("source_kind"),
  sourceId: column("source_id"),
  parentId: column("parent_id"),
  groupKey: column("group_key"),
  project: column("project"),
  domain: column("domain"),
  topic: column("topic"),
  type: column("type"),
  style: column("style"),
  tag: { kind: "list", value: sql`tag`, rows: sql`example_tag where example_tag.n = example.n` },
  language: column("language"),
  complexity: column("complexity"),
  confidence: column("confidence"),
  weight: column("weight"),
  learningValue: column("learning_value"),
  "quality.score": column("quality_score"),
  "quality.tier": column("quality_tier"),
  relevance: column("relevance"),
  reviewStatus: column("review_status"),
  lifecycle: { kind: "column", column: "lifecycle", indexedBut: "active" },
  includeInTraining: column("include_in_training"),
  verifiedAccurate: column("verified_accurate"),
  wasCorrected: column("was_corrected"),
  wasUsed: column("was_used"),
  modificationsMade: column("modifications_made"),
  validated: column("validated"),
  createdAt: column("created_at"),
  createdBy: column("created_by"),
  updatedAt: column("updated_at"),
  rev: column("rev"),
  label: column("label"),
  intent: column("intent"),
  sentiment: column("sentiment"),
  persona: column("persona"),
  category: { kind: "list", value: sql`member.value`, rows: sql`json_each(example.categories) as member where true` },
  input: column("input_text"),
  output: column("output_text"),
  rejected: column("rejected_output"),
  systemPrompt: column("system_prompt"),
  context: column("context"),
  text: column("input_text"), // has parts, so it is never looked up
  rule: { kind: "list", value: sql`rule`, rows: sql`finding where finding.n = example.n` },
  severity: { kind: "select", select: worstSeverity },
  "engagement.impressions": count("impressions"),
  "engagement.viewers": count("viewers"),
  "engagement.likes": count("likes"),
  "engagement.reposts": count("reposts"),
  "engagement.replies": count("replies"),
  "engagement.bookmarks": count("bookmarks"),
  "engagement.shares": count("shares"),
  "engagement.dismissals": count("dismissals"),
  useCount: count("use_count"),
  lastUsedAt: { kind: "stat", column: "last_used_at" },
  used: { kind: "select", select: wasUsed },
  freshness: { kind: "stat", column: "freshness" },
  isDuplicate: { kind: "select", select: sql`exists (select 1 from duplicate where duplicate.n = example.n)` },
  feedback: column("feedback"),
  importId: column("import_id"),
};

function column(name: keyof ExampleTable): Scalar {
  return { kind: "column", column: name };
}

function count(name: keyof ExampleStatTable): Scalar {
  return { kind: "stat", column: name, absent: 0 };
}
