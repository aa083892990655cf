import { canonicalJson } from "../text/canonical.ts";
import { toHex } from "../text/hash.ts";
import type { Content } from "./content.ts";
import type {
  Described,
  Engagement,
  Example,
  Kept,
  LearningValue,
  Lifecycle,
  Quality,
  Relevance,
  ReviewStatus,
  SourceKind,
  Tier,
} from "./example.ts";
import type { JsonObject } from "./json.ts";
import { isJsonObject } from "./json.ts";
import type { ContentColumns } from "./row-content.ts";
import { contentFromColumns, contentToColumns } from "./row-content.ts";

/** Where an example lies in a table: the pool's `example` and, without its unversioned columns, every chunk of a version. */
export interface ExampleRow extends ContentColumns {
  readonly id: string;
  readonly rev: number;
  readonly review_status: ReviewStatus;
  readonly lifecycle: Lifecycle;
  readonly include_in_training: number;
  readonly duplicate_kept: number;
  readonly source: string;
  readonly source_kind: SourceKind;
  readonly source_id: string | null;
  readonly parent_id: string | null;
  readonly group_key: string;
  readonly import_id: string | null;
  readonly created_by: string;
  readonly type: string | null;
  readonly topic: string | null;
  readonly style: string | null;
  readonly domain: string;
  readonly project: string | null;
  readonly language: string | null;
  readonly confidence: number | null;
  readonly complexity: number | null;
  readonly weight: number;
  readonly quality_tier: Tier;
  readonly quality_score: number | null;
  readonly relevance: Relevance | null;
  readonly learning_value: LearningValue | null;
  readonly feedback: string | null;
  readonly verified_accurate: number | null;
  readonly was_corrected: number;
  readonly was_used: number | null;
  readonly modifications_made: string | null;
  readonly validated: number;
  readonly correction_reason: string | null;
  readonly corrector: string | null;
  readonly tags: string;
  readonly features: string;
  readonly metadata: string;
  readonly content_hash: Uint8Array;
  readonly input_hash: Uint8Array;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What an example shows that lies in other tables than its own row. */
export interface RowExtras {
  readonly factors?: Readonly<Record<string, number>>;
  readonly engagement?: Engagement;
  readonly subjectId?: string;
}

/** What Tilth adds to what a source says of an example, in the form a row holds it. */
export interface Entry extends Pick<Kept, AlwaysKept> {
  readonly importId: string | undefined;
  readonly contentHash: Uint8Array;
  readonly inputHash: Uint8Array;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

type AlwaysKept =
  | "id"
  | "rev"
  | "source"
  | "sourceKind"
  | "groupKey"
  | "domain"
  | "tags"
  | "weight"
  | "quality"
  | "reviewStatus"
  | "lifecycle"
  | "includeInTraining"
  | "wasCorrected"
  | "validated"
  | "createdBy"
  | "metadata";

/** Writes an example as its row. The inverse of {@link rowToExample}, apart from what {@link RowExtras} holds. */
export function exampleToRow(example: Example): ExampleRow {
  return entryToRow(example, {
    ...example,
    importId: example.importId,
    contentHash: fromHex(example.contentHash),
    inputHash: fromHex(example.inputHash),
    createdAtMs: Date.parse(example.createdAt),
    updatedAtMs: Date.parse(example.updatedAt),
  });
}

/** As {@link exampleToRow}, for an example that is just entering: nothing is written as text first that the row holds otherwise. */
export function entryToRow(said: Content & Described, entry: Entry): ExampleRow {
  const content = contentToColumns(said);
  return {
    kind: content.kind,
    input_text: content.input_text,
    output_text: content.output_text,
    system_prompt: content.system_prompt,
    context: content.context,
    rejected_output: content.rejected_output,
    preference_reason: content.preference_reason,
    body: content.body,
    label: content.label,
    intent: content.intent,
    sentiment: content.sentiment,
    persona: content.persona,
    categories: content.categories,
    entities: content.entities,
    id: entry.id,
    rev: entry.rev,
    review_status: entry.reviewStatus,
    lifecycle: entry.lifecycle,
    include_in_training: flag(entry.includeInTraining),
    duplicate_kept: 0,
    source: entry.source,
    source_kind: entry.sourceKind,
    source_id: said.sourceId ?? null,
    parent_id: said.parentId ?? null,
    group_key: entry.groupKey,
    import_id: entry.importId ?? null,
    created_by: entry.createdBy,
    type: said.type ?? null,
    topic: said.topic ?? null,
    style: said.style ?? null,
    domain: entry.domain,
    project: said.project ?? null,
    language: said.language ?? null,
    confidence: said.confidence ?? null,
    complexity: said.complexity ?? null,
    weight: entry.weight,
    quality_tier: entry.quality.tier,
    quality_score: entry.quality.score ?? null,
    relevance: said.relevance ?? null,
    learning_value: said.learningValue ?? null,
    feedback: said.feedback ?? null,
    verified_accurate: optionalFlag(said.verifiedAccurate),
    was_corrected: flag(entry.wasCorrected),
    was_used: optionalFlag(said.wasUsed),
    modifications_made: said.modificationsMade ?? null,
    validated: flag(entry.validated),
    correction_reason: said.correctionReason ?? null,
    corrector: said.corrector ?? null,
    tags: canonicalJson(entry.tags),
    features: said.features === undefined ? "{}" : canonicalJson(said.features),
    metadata: canonicalJson(entry.metadata),
    content_hash: entry.contentHash,
    input_hash: entry.inputHash,
    created_at: entry.createdAtMs,
    updated_at: entry.updatedAtMs,
  };
}

/** Reads an example back from its row and from what other tables hold of it. */
export function rowToExample(row: ExampleRow, extras: RowExtras = {}): Example {
  return compact<Example>({
    ...contentFromColumns(row),
    id: row.id,
    rev: row.rev,
    source: row.source,
    sourceKind: row.source_kind,
    sourceId: row.source_id,
    parentId: row.parent_id,
    groupKey: row.group_key,
    importId: row.import_id,
    project: row.project,
    domain: row.domain,
    topic: row.topic,
    type: row.type,
    style: row.style,
    tags: JSON.parse(row.tags),
    language: row.language,
    complexity: row.complexity,
    confidence: row.confidence,
    weight: row.weight,
    learningValue: row.learning_value,
    engagement: extras.engagement,
    features: row.features === "{}" ? undefined : parseObject(row.features),
    quality: compact<Quality>({ score: row.quality_score, tier: row.quality_tier, factors: extras.factors ?? {} }),
    relevance: row.relevance,
    reviewStatus: row.review_status,
    lifecycle: row.lifecycle,
    includeInTraining: row.include_in_training === 1,
    feedback: row.feedback,
    verifiedAccurate: readFlag(row.verified_accurate),
    wasCorrected: row.was_corrected === 1,
    correctionReason: row.correction_reason,
    corrector: row.corrector,
    wasUsed: readFlag(row.was_used),
    modificationsMade: row.modifications_made,
    validated: row.validated === 1,
    subjectId: extras.subjectId,
    createdAt: new Date(row.created_at).toISOString(),
    createdBy: row.created_by,
    updatedAt: new Date(row.updated_at).toISOString(),
    contentHash: toHex(row.content_hash),
    inputHash: toHex(row.input_hash),
    metadata: parseObject(row.metadata),
  });
}

/** The content alone, where nothing else of the row is needed. */
export function rowToContent(row: ContentColumns): Content {
  return contentFromColumns(row);
}

/** Bytes of an identity from its 32 hex digits. */
export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

function optionalFlag(value: boolean | undefined): number | null {
  return value === undefined ? null : flag(value);
}

function readFlag(value: number | null): boolean | undefined {
  return value === null ? undefined : value === 1;
}

function parseObject(text: string): JsonObject {
  if (text === "{}") return {};
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) ? value : {};
}

/** Leaves out members that are NULL in the table: in an example, absent is absent. */
function compact<T extends object>(members: { readonly [Key in keyof T]-?: T[Key] | null | undefined } | Record<string, unknown>): T {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(members)) {
    if (value !== null && value !== undefined) kept[key] = value;
  }
  // oxlint-disable-next-line typescript/consistent-type-assertions -- a row of the pool satisfies the table's own checks; the round trip is a property test over every kind
  return kept as T;
}
