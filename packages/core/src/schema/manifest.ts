import { z } from "zod";
import type { VersionColumn } from "./column.ts";
import type { JsonObject } from "./json.ts";

/** One immutable data file of a version. `min` and `max` are its first and last key. */
export interface Chunk {
  /** SHA-256 of the file's bytes: its name in the store. */
  readonly object: string;
  readonly bytes: number;
  readonly rows: number;
  readonly min: string;
  readonly max: string;
  /** SHA-256 over the chunk's cells in order, whatever writer made the bytes: equal = equal rows, so the chunk is not written again. */
  readonly cells?: string;
}

/** At most 512 chunks in key order. */
export interface Page {
  readonly format: 1;
  readonly chunks: readonly Chunk[];
}

export interface PageRef {
  readonly page: string;
  readonly chunks: number;
  readonly min: string;
  readonly max: string;
}

export const versionOps = ["create", "append", "edit", "derive", "merge", "rollback", "compact", "erase", "expire"] as const;

export interface SplitRule {
  readonly rule: 1;
  readonly unit: "group_key";
  readonly salt: string;
  readonly ratios: { readonly train: number; readonly validation: number; readonly test: number };
  /** Groups that a later merge moved to train. */
  readonly toTrain: readonly string[];
}

/** How many rows have which value of a field. */
export interface ValueCounts {
  /** The most frequent first, at most 200. */
  readonly values: readonly { readonly value: string; readonly rows: number }[];
  /** Rows with a value that is not listed. */
  readonly others: number;
  /** Rows without a value. */
  readonly missing: number;
}

/** Lengths of a text in UTF-16 units; those between `min` and `max` are true within 1.6 %. */
export interface LengthQuantiles {
  readonly min: number;
  readonly p5: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What a team wants to know of a version before it reads a row. */
export interface VersionStatistics {
  /** By Example field: `kind`, `quality.tier`, `labels.intent` … */
  readonly counts: Readonly<Record<string, ValueCounts>>;
  /** Rows of each split, by the version's own rule. */
  readonly splits: { readonly train: number; readonly validation: number; readonly test: number };
  /** `mean` is over the rows that have a score; absent where none has. */
  readonly quality: { readonly scored: number; readonly mean?: number };
  /** Absent where no row has such a text. */
  readonly lengths: { readonly input?: LengthQuantiles; readonly output?: LengthQuantiles };
}

/** Everything a version is: where its rows lie, where they came from, how they are split. Its SHA-256 is the version's checksum. */
export interface Manifest {
  readonly format: 1;
  readonly dataset: string;
  readonly branch: string;
  readonly seq: number;
  readonly revision: number;
  readonly label: string;
  readonly parents: readonly { readonly branch: string; readonly seq: number; readonly manifest: string }[];
  readonly op: { readonly kind: (typeof versionOps)[number]; readonly params: JsonObject; readonly logical: boolean };
  readonly provenance: {
    readonly by: string;
    readonly at: string;
    readonly message: string;
    readonly tool: string;
    /** The recipe's object. */
    readonly recipe: string;
    readonly pool?: { readonly store: string; readonly fromSeq: number; readonly toSeq: number };
    readonly inputs: readonly { readonly uri: string; readonly sha256: string }[];
  };
  readonly schema: readonly VersionColumn[];
  readonly chunking: { readonly rule: 1; readonly order: readonly string[]; readonly targetRows: number };
  readonly split: SplitRule;
  readonly rows: number;
  readonly stats: {
    readonly bytes: number;
    readonly addedBytes: number;
    readonly added: number;
    readonly changed: number;
    readonly removed: number;
    readonly quality?: number;
    readonly report?: string;
  };
  /** Versions of earlier programs have none. */
  readonly statistics?: VersionStatistics;
  readonly pages: readonly PageRef[];
  /** Reserved for overlays of edited rows; empty as long as every edit rewrites the chunks it touches. */
  readonly overlays: readonly JsonObject[];
  /** Reserved for erasures inside immutable versions. */
  readonly redactions: readonly JsonObject[];
}

/** A name in the store: put once, never changed. The newest version of a branch is the first of a listing. */
export interface RefEntry {
  readonly format: 1;
  readonly seq: number;
  readonly revision: number;
  readonly label: string;
  readonly manifest: string;
  readonly op: string;
  readonly at: string;
}

/** Which examples a dataset takes; stored as an object of its own, so that a version can be rebuilt from the store alone. */
export interface Recipe {
  readonly format: 1;
  readonly from: "members" | "pool";
  /** In the filter language; absent = all. */
  readonly where?: string;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const count = z.int().min(0);

export const chunkSchema: z.ZodType<Chunk> = z.object({
  object: hash,
  bytes: count,
  rows: count,
  min: z.string(),
  max: z.string(),
  cells: z.exactOptional(hash),
});

export const pageSchema: z.ZodType<Page> = z.object({ format: z.literal(1), chunks: z.array(chunkSchema).max(512) });

export const refEntrySchema: z.ZodType<RefEntry> = z.object({
  format: z.literal(1),
  seq: z.int().min(1),
  revision: count,
  label: z.string(),
  manifest: hash,
  op: z.string(),
  at: z.string(),
});

export const recipeSchema: z.ZodType<Recipe> = z.object({
  format: z.literal(1),
  from: z.enum(["members", "pool"]),
  where: z.exactOptional(z.string()),
});

const length = z.int().min(0);
const lengths: z.ZodType<LengthQuantiles> = z.object({
  min: length,
  p5: length,
  p25: length,
  p50: length,
  p75: length,
  p95: length,
  p99: length,
  max: length,
});

export const versionStatisticsSchema: z.ZodType<VersionStatistics> = z.object({
  counts: z.record(
    z.string(),
    z.object({ values: z.array(z.object({ value: z.string(), rows: count })).readonly(), others: count, missing: count }),
  ),
  splits: z.object({ train: count, validation: count, test: count }),
  quality: z.object({ scored: count, mean: z.exactOptional(z.number()) }),
  lengths: z.object({ input: z.exactOptional(lengths), output: z.exactOptional(lengths) }),
});

export const manifestSchema: z.ZodType<Manifest> = z.object({
  format: z.literal(1),
  dataset: z.string(),
  branch: z.string(),
  seq: z.int().min(1),
  revision: count,
  label: z.string(),
  parents: z.array(z.object({ branch: z.string(), seq: z.int(), manifest: hash })),
  op: z.object({ kind: z.enum(versionOps), params: jsonObject, logical: z.boolean() }),
  provenance: z.object({
    by: z.string(),
    at: z.string(),
    message: z.string(),
    tool: z.string(),
    recipe: hash,
    pool: z.exactOptional(z.object({ store: z.string(), fromSeq: count, toSeq: count })),
    inputs: z.array(z.object({ uri: z.string(), sha256: hash })),
  }),
  schema: z.array(
    z.object({
      n: z.int(),
      name: z.string(),
      type: z.enum(["string", "i32", "i64", "f64", "bool", "time", "json", "string[]"]),
      key: z.exactOptional(z.literal(true)),
    }),
  ),
  chunking: z.object({ rule: z.literal(1), order: z.array(z.string()), targetRows: z.int().min(1) }),
  split: z.object({
    rule: z.literal(1),
    unit: z.literal("group_key"),
    salt: z.string(),
    ratios: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
    toTrain: z.array(z.string()),
  }),
  rows: count,
  stats: z.object({
    bytes: count,
    addedBytes: count,
    added: count,
    changed: count,
    removed: count,
    quality: z.exactOptional(z.number()),
    report: z.exactOptional(hash),
  }),
  statistics: z.exactOptional(versionStatisticsSchema),
  pages: z.array(z.object({ page: hash, chunks: count, min: z.string(), max: z.string() })),
  overlays: z.array(jsonObject),
  redactions: z.array(jsonObject),
});
