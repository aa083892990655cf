// One type a table, side by side as the schema holds them: longer than a file should be, and nothing in it to follow.

import type { Generated } from "kysely";
import type { Severity } from "../schema/finding.ts";
import type { ExampleRow } from "../schema/row.ts";

/** The tables of the pool, as `schema.sqlite.sql` and the steps after it define them: columns in its order, booleans 0/1, times in milliseconds UTC, JSON as text. */
export interface Pool {
  readonly example: ExampleTable;
  readonly alias: AliasTable;
  readonly example_tag: ExampleTagTable;
  readonly score: ScoreTable;
  readonly example_stat: ExampleStatTable;
  readonly counter: CounterTable;
  readonly facet_value: FacetValueTable;
  readonly facet: FacetTable;
  readonly duplicate: DuplicateTable;
  readonly signal: SignalTable;
  readonly revision: RevisionTable;
  readonly dataset: DatasetTable;
  readonly member: MemberTable;
  readonly member_count: MemberCountTable;
  readonly change_log: ChangeLogTable;
  readonly reader: ReaderTable;
  readonly finding: FindingTable;
  readonly review: ReviewTable;
  readonly review_slot: ReviewSlotTable;
  readonly decision: DecisionTable;
  readonly subject: SubjectTable;
  readonly erasure: ErasureTable;
  readonly blocked: BlockedTable;
  readonly import: ImportTable;
  readonly version: VersionTable;
  readonly report: ReportTable;
  readonly metric: MetricTable;
  readonly run: RunTable;
  readonly experiment: ExperimentTable;
  readonly job: JobTable;
  readonly audit: AuditTable;
  readonly setting: SettingTable;
  readonly api_key: ApiKeyTable;
  readonly user: UserTable;
  readonly session: SessionTable;
  readonly audit_head: AuditHeadTable;
}

/** The columns of `example` but its row number, in the order of the table. A test holds them equal to the schema. */
export const exampleColumns = [
  ...(["id", "rev", "kind", "review_status", "lifecycle", "include_in_training", "duplicate_kept", "source", "source_kind"] as const),
  ...([
    "source_id",
    "parent_id",
    "group_key",
    "import_id",
    "created_by",
    "type",
    "topic",
    "style",
    "domain",
    "project",
    "language",
  ] as const),
  ...(["input_text", "output_text", "system_prompt", "context", "rejected_output", "preference_reason", "body", "label"] as const),
  ...(["intent", "sentiment", "persona", "categories", "entities", "confidence", "complexity", "weight", "quality_tier"] as const),
  ...(["quality_score", "relevance", "learning_value", "feedback", "verified_accurate", "was_corrected", "was_used"] as const),
  ...(["modifications_made", "validated", "correction_reason", "corrector", "tags", "features", "metadata"] as const),
  ...(["content_hash", "input_hash", "created_at", "updated_at"] as const),
] as const satisfies readonly (keyof ExampleRow)[];

/** The columns of `example` that the table fills where an insert leaves them out. */
type Defaulted =
  | "rev"
  | "review_status"
  | "lifecycle"
  | "include_in_training"
  | "duplicate_kept"
  | "domain"
  | "input_text"
  | "weight"
  | "quality_tier"
  | "was_corrected"
  | "validated"
  | "tags"
  | "features"
  | "metadata";

type RowColumns = { readonly [Column in keyof ExampleRow]: Column extends Defaulted ? Generated<ExampleRow[Column]> : ExampleRow[Column] };

export interface ExampleTable extends RowColumns {
  readonly n: Generated<number>;
}

export interface AliasTable {
  readonly id: string;
  readonly n: number;
}

export interface ExampleTagTable {
  readonly tag: string;
  readonly n: number;
}

export interface ScoreTable {
  readonly n: number;
  readonly name: string;
  readonly value: number;
  readonly tier: string | null;
  readonly factors: Generated<string>;
  readonly version: string;
  readonly at: number;
}

export interface ExampleStatTable {
  readonly n: number;
  readonly use_count: Generated<number>;
  readonly last_used_at: number | null;
  readonly runs_used: Generated<number>;
  readonly last_run_id: string | null;
  readonly impressions: Generated<number>;
  readonly viewers: Generated<number>;
  readonly likes: Generated<number>;
  readonly reposts: Generated<number>;
  readonly replies: Generated<number>;
  readonly bookmarks: Generated<number>;
  readonly shares: Generated<number>;
  readonly dismissals: Generated<number>;
  readonly engagement: number | null;
  readonly freshness: number | null;
  readonly freshness_at: number | null;
  readonly trend: string | null;
  readonly cluster: number | null;
  readonly updated_at: number;
}

export interface CounterTable {
  readonly facet: string;
  readonly value: string;
  readonly shard: Generated<number>;
  readonly count: number;
}

export interface FacetValueTable {
  readonly facet: string;
  readonly code: number;
  readonly value: string;
}

export interface FacetTable {
  readonly n: number;
  readonly kind: number;
  readonly source: number;
  readonly source_kind: number;
  readonly domain: number;
  readonly type: number;
  readonly topic: number;
  readonly project: number;
  readonly language: number;
  readonly quality_tier: number;
  readonly relevance: number;
  readonly review_status: number;
  readonly lifecycle: number;
  readonly severity: number;
  readonly score_bin: number;
  readonly day: number;
}

export interface DuplicateTable {
  readonly n: number;
  readonly witness_n: number;
  readonly similarity: number;
  readonly shingle: number | null;
  readonly threshold: number;
  readonly strategy: string;
  readonly scope: Generated<string>;
  readonly method: string;
  readonly version: string;
  readonly run_id: string;
  readonly actor: string;
  readonly found_at: number;
}

export interface SignalTable {
  readonly seq: Generated<number>;
  readonly id: string;
  readonly at: number;
  readonly kind: string;
  readonly action: string | null;
  readonly example_id: string | null;
  readonly item_id: string | null;
  readonly trace_id: string | null;
  readonly experiment_id: string | null;
  readonly arm: string | null;
  readonly actor: string | null;
  readonly value: number | null;
  readonly payload: Generated<string>;
}

export interface RevisionTable {
  readonly n: number;
  readonly rev: number;
  readonly at: number;
  readonly actor: string;
  readonly op: string;
  readonly reason: string | null;
  readonly before: string;
}

export interface DatasetTable {
  readonly id: string;
  readonly name: string;
  readonly description: Generated<string>;
  readonly kind: string | null;
  readonly tags: Generated<string>;
  readonly recipe: Generated<string>;
  readonly lifecycle: Generated<string>;
  readonly created_by: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface MemberTable {
  readonly dataset_id: string;
  readonly n: number;
  readonly added_by: string;
  readonly at: number;
}

/** Kept by triggers. A dataset that never had a member has no row. */
export interface MemberCountTable {
  readonly dataset_id: string;
  readonly members: number;
}

export interface ChangeLogTable {
  readonly seq: Generated<number>;
  readonly id: string;
  readonly op: number;
}

export interface ReaderTable {
  readonly name: string;
  readonly position: number;
  readonly at: number;
}

export interface FindingTable {
  readonly n: number;
  readonly rule: string;
  readonly ordinal: number;
  readonly severity: Severity;
  readonly message: string;
  readonly at: Generated<string>;
  readonly at_start: number | null;
  readonly at_end: number | null;
  readonly suggestion: string | null;
  readonly version: string;
  readonly found_at: number;
}

export interface ReviewTable {
  readonly n: number;
  readonly priority: Generated<number>;
  readonly reason: string;
  readonly wanted: Generated<number>;
  readonly adjudicate: Generated<number>;
  readonly queued_at: number;
}

export interface ReviewSlotTable {
  readonly n: number;
  readonly slot: number;
  readonly priority: number;
  readonly lease_by: string | null;
  readonly lease_until: number | null;
  readonly lease_token: Generated<number>;
  readonly decision_id: string | null;
}

export interface DecisionTable {
  readonly id: string;
  readonly n: number;
  readonly rev: number;
  readonly slot: number | null;
  readonly reviewer: string;
  readonly verdict: string;
  readonly role: Generated<string>;
  readonly reason: string | null;
  readonly edit: string | null;
  readonly guideline: string | null;
  readonly blind: Generated<number>;
  readonly seconds: number | null;
  readonly at: number;
}

export interface SubjectTable {
  readonly subject: Uint8Array;
  readonly n: number;
}

export interface ErasureTable {
  readonly id: string;
  readonly requested_at: number;
  readonly due_at: number;
  readonly mode: string;
  readonly status: string;
  readonly subjects: string;
  readonly report: Generated<string>;
}

export interface BlockedTable {
  readonly subject: Uint8Array;
  readonly erasure_id: string;
}

export interface ImportTable {
  readonly id: string;
  readonly uri: string;
  readonly sha256: Uint8Array | null;
  readonly format: string;
  readonly map: Generated<string>;
  readonly encoding: string | null;
  readonly dataset_id: string | null;
  readonly accepted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly position: Generated<number>;
  readonly actor: string;
  readonly at: number;
}

export interface VersionTable {
  readonly dataset_id: string;
  readonly branch: string;
  readonly seq: number;
  readonly revision: number;
  readonly label: string;
  readonly manifest: string;
  readonly rows: number;
  readonly bytes: number;
  readonly quality: number | null;
  readonly actor: string;
  readonly at: number;
  readonly message: string | null;
}

export interface ReportTable {
  readonly id: string;
  readonly kind: string;
  readonly dataset_id: string | null;
  readonly version: string | null;
  readonly score: number | null;
  readonly payload: string;
  readonly at: number;
}

export interface MetricTable {
  readonly day: number;
  readonly name: string;
  readonly dimension: Generated<string>;
  readonly value: number;
}

export interface RunTable {
  readonly id: string;
  readonly dataset_id: string | null;
  readonly version: string | null;
  readonly manifest: string | null;
  readonly model: string | null;
  readonly status: string;
  readonly metrics: Generated<string>;
  readonly at: number;
}

export interface ExperimentTable {
  readonly id: string;
  readonly name: string;
  readonly arms: string;
  readonly starts_at: number;
  readonly ends_at: number | null;
  readonly result: string | null;
}

export interface JobTable {
  readonly id: string;
  readonly operation: string;
  readonly status: "waiting" | "running" | "done" | "failed" | "cancelled";
  readonly input: string;
  readonly actor: string;
  readonly datasets: string | null;
  readonly body: string | null;
  readonly progress: string | null;
  readonly remarks: Generated<string>;
  readonly result: string | null;
  readonly error: string | null;
  readonly attempts: Generated<number>;
  readonly is_cancelling: Generated<number>;
  readonly lease_by: string | null;
  readonly lease_until: number | null;
  readonly lease_token: Generated<number>;
  readonly due_at: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly updated_at: number;
}

export interface AuditTable {
  readonly seq: Generated<number>;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: Generated<string>;
  readonly segment: string;
  readonly previous: Uint8Array;
  readonly hash: Uint8Array;
}

export interface SettingTable {
  readonly key: string;
  readonly value: string;
  readonly updated_at: number;
}

export interface ApiKeyTable {
  readonly id: string;
  readonly prefix: string;
  readonly hash: Uint8Array;
  readonly name: string;
  readonly scopes: string;
  readonly datasets: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly used_at: number | null;
  readonly revoked_at: number | null;
  readonly revoked_by: string | null;
}

export interface UserTable {
  readonly id: string;
  readonly name: string;
  readonly role: "viewer" | "reviewer" | "editor" | "admin";
  readonly datasets: string | null;
  readonly password: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly removed_at: number | null;
}

export interface SessionTable {
  readonly id: string;
  readonly kind: "session" | "link";
  readonly hash: Uint8Array;
  readonly user_id: string;
  readonly created_at: number;
  readonly used_at: number;
  readonly expires_at: number;
  readonly ends_at: number;
  readonly agent: Generated<string>;
}

export interface AuditHeadTable {
  readonly segment: string;
  readonly hash: Uint8Array;
}
