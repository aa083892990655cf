/** Types of the columns of a version, as they are written to Parquet. */
export type ColumnType = "string" | "i32" | "i64" | "f64" | "bool" | "time" | "json" | "string[]";

export interface VersionColumn {
  /** Field number: never reused, so that a rename is metadata only. */
  readonly n: number;
  readonly name: string;
  readonly type: ColumnType;
  readonly key?: true;
}

/**
 * The columns of a version: all of the pool's `example` but the row number, `rev`, the flag of kept duplicates and the two hashes, which
 * follow from the content; plus the keyed hashes of the people a row is about.
 *
 * Numbers are frozen: a column that goes keeps its number, a new one takes the next.
 */
export const versionColumns: readonly VersionColumn[] = [
  { n: 1, name: "id", type: "string", key: true },
  { n: 2, name: "kind", type: "string" },
  { n: 3, name: "review_status", type: "string" },
  { n: 4, name: "lifecycle", type: "string" },
  { n: 5, name: "include_in_training", type: "bool" },
  { n: 6, name: "source", type: "string" },
  { n: 7, name: "source_kind", type: "string" },
  { n: 8, name: "source_id", type: "string" },
  { n: 9, name: "parent_id", type: "string" },
  { n: 10, name: "group_key", type: "string" },
  { n: 11, name: "import_id", type: "string" },
  { n: 12, name: "created_by", type: "string" },
  { n: 13, name: "type", type: "string" },
  { n: 14, name: "topic", type: "string" },
  { n: 15, name: "style", type: "string" },
  { n: 16, name: "domain", type: "string" },
  { n: 17, name: "project", type: "string" },
  { n: 18, name: "language", type: "string" },
  { n: 19, name: "input_text", type: "string" },
  { n: 20, name: "output_text", type: "string" },
  { n: 21, name: "system_prompt", type: "string" },
  { n: 22, name: "context", type: "string" },
  { n: 23, name: "rejected_output", type: "string" },
  { n: 24, name: "preference_reason", type: "string" },
  { n: 25, name: "body", type: "json" },
  { n: 26, name: "label", type: "bool" },
  { n: 27, name: "intent", type: "string" },
  { n: 28, name: "sentiment", type: "string" },
  { n: 29, name: "persona", type: "string" },
  { n: 30, name: "categories", type: "json" },
  { n: 31, name: "entities", type: "json" },
  { n: 32, name: "confidence", type: "f64" },
  { n: 33, name: "complexity", type: "i32" },
  { n: 34, name: "weight", type: "f64" },
  { n: 35, name: "quality_tier", type: "string" },
  { n: 36, name: "quality_score", type: "f64" },
  { n: 37, name: "relevance", type: "string" },
  { n: 38, name: "learning_value", type: "string" },
  { n: 39, name: "feedback", type: "string" },
  { n: 40, name: "verified_accurate", type: "bool" },
  { n: 41, name: "was_corrected", type: "bool" },
  { n: 42, name: "was_used", type: "bool" },
  { n: 43, name: "modifications_made", type: "string" },
  { n: 44, name: "validated", type: "bool" },
  { n: 45, name: "correction_reason", type: "string" },
  { n: 46, name: "corrector", type: "string" },
  { n: 47, name: "tags", type: "json" },
  { n: 48, name: "features", type: "json" },
  { n: 49, name: "metadata", type: "json" },
  { n: 50, name: "created_at", type: "time" },
  { n: 51, name: "updated_at", type: "time" },
  { n: 52, name: "subjects", type: "string[]" },
];
