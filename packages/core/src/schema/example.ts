import { z } from "zod";
import type { Content } from "./content.ts";
import { contentMembers, contentShapes } from "./content.ts";
import type { JsonObject } from "./json.ts";

/** Where a record came from in our words; rules read this, never the record's own word. */
export const sourceKinds = [
  "conversation",
  "correction",
  "preference",
  "escalation",
  "rating",
  "distillation",
  "document",
  "calculation",
  "interpretation",
  "detail",
  "project",
  "extraction",
  "search",
  "post",
  "synthetic",
  "manual",
  "import",
] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** Ordered from worst to best, as filters compare them. */
export const tiers = ["unverified", "bronze", "silver", "gold"] as const;
export type Tier = (typeof tiers)[number];

export const relevances = ["low", "medium", "high"] as const;
export type Relevance = (typeof relevances)[number];

export const learningValues = ["low", "medium", "high", "very-high"] as const;
export type LearningValue = (typeof learningValues)[number];

export const reviewStatuses = ["pending", "second-look", "approved", "rejected"] as const;
export type ReviewStatus = (typeof reviewStatuses)[number];

export const lifecycles = ["active", "archived", "quarantined", "trashed"] as const;
export type Lifecycle = (typeof lifecycles)[number];

/** How often people met an output and what they did with it. */
export interface Engagement {
  readonly impressions?: number;
  readonly viewers?: number;
  readonly likes?: number;
  readonly reposts?: number;
  readonly replies?: number;
  readonly bookmarks?: number;
  readonly shares?: number;
  readonly dismissals?: number;
}

/** A score with its ingredients: `factors` sum to `score` before it is clipped to 0..1. */
export interface Quality {
  readonly score?: number;
  readonly tier: Tier;
  readonly factors: Readonly<Record<string, number>>;
}

/** What a source may say about an example beside its content; everything else Tilth computes. */
export interface Described {
  /** ULID made by the client that captured it; absent = made here. */
  readonly id?: string;
  /** The record's own word, kept as it is. */
  readonly source?: string;
  readonly sourceKind?: SourceKind;
  /** The foreign id: importing twice adds nothing. */
  readonly sourceId?: string;
  readonly parentId?: string;
  /** What must stay in one split: root of `parentId`, else the conversation, else the example itself. */
  readonly groupKey?: string;
  readonly project?: string;
  readonly domain?: string;
  readonly topic?: string;
  /** A pack's own word, such as document 1's `gm` or `insight`. */
  readonly type?: string;
  readonly style?: string;
  readonly tags?: readonly string[];
  readonly language?: string;
  /** 1 to 10. */
  readonly complexity?: number;
  /** 0 to 1. */
  readonly confidence?: number;
  /** 1 unless lowered or raised. */
  readonly weight?: number;
  readonly learningValue?: LearningValue;
  readonly relevance?: Relevance;
  readonly engagement?: Engagement;
  readonly features?: JsonObject;
  readonly feedback?: string;
  readonly includeInTraining?: boolean;
  readonly verifiedAccurate?: boolean;
  readonly wasCorrected?: boolean;
  readonly correctionReason?: string;
  readonly corrector?: string;
  readonly wasUsed?: boolean;
  readonly modificationsMade?: string;
  readonly validated?: boolean;
  /** Keyed hash of the person the record is about, never the identifier. */
  readonly subjectId?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly createdBy?: string;
  readonly metadata?: JsonObject;
}

/** An example before it is stored: what a reader of a format or a capturing application gives. */
export type NewExample = Content & Described;

/** What Tilth knows of every stored example. */
export interface Kept extends Described {
  readonly id: string;
  /** Counts the edits, from 1. */
  readonly rev: number;
  readonly source: string;
  readonly sourceKind: SourceKind;
  readonly groupKey: string;
  readonly importId?: string;
  readonly domain: string;
  readonly tags: readonly string[];
  readonly weight: number;
  readonly quality: Quality;
  readonly reviewStatus: ReviewStatus;
  readonly lifecycle: Lifecycle;
  readonly includeInTraining: boolean;
  readonly wasCorrected: boolean;
  readonly validated: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  /** 32 hex digits over every member of the content: equal = duplicate. */
  readonly contentHash: string;
  /** 32 hex digits over the prompt side alone: equal input with other content is a conflict. */
  readonly inputHash: string;
  readonly metadata: JsonObject;
}

/** One training item, as it is stored and travels. */
export type Example = Content & Kept;

const word = z.string().max(1_000);
const time = z.iso.datetime({ offset: true });
const count = z.int().min(0);
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export const engagementSchema: z.ZodType<Engagement> = z.strictObject({
  impressions: z.exactOptional(count),
  viewers: z.exactOptional(count),
  likes: z.exactOptional(count),
  reposts: z.exactOptional(count),
  replies: z.exactOptional(count),
  bookmarks: z.exactOptional(count),
  shares: z.exactOptional(count),
  dismissals: z.exactOptional(count),
});

const described = {
  id: z.exactOptional(z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, "must be a ULID")),
  source: z.exactOptional(word),
  sourceKind: z.exactOptional(z.enum(sourceKinds)),
  sourceId: z.exactOptional(word),
  parentId: z.exactOptional(word),
  groupKey: z.exactOptional(word),
  project: z.exactOptional(word),
  domain: z.exactOptional(word),
  topic: z.exactOptional(word),
  type: z.exactOptional(word),
  style: z.exactOptional(word),
  tags: z.exactOptional(z.array(word).max(1_000)),
  language: z.exactOptional(word),
  complexity: z.exactOptional(z.int().min(1).max(10)),
  confidence: z.exactOptional(z.number()),
  weight: z.exactOptional(z.number().min(0).max(1_000)),
  learningValue: z.exactOptional(z.enum(learningValues)),
  relevance: z.exactOptional(z.enum(relevances)),
  engagement: z.exactOptional(engagementSchema),
  features: z.exactOptional(jsonObject),
  feedback: z.exactOptional(word),
  includeInTraining: z.exactOptional(z.boolean()),
  verifiedAccurate: z.exactOptional(z.boolean()),
  wasCorrected: z.exactOptional(z.boolean()),
  correctionReason: z.exactOptional(z.string()),
  corrector: z.exactOptional(word),
  wasUsed: z.exactOptional(z.boolean()),
  modificationsMade: z.exactOptional(word),
  validated: z.exactOptional(z.boolean()),
  subjectId: z.exactOptional(word),
  createdAt: z.exactOptional(time),
  createdBy: z.exactOptional(word),
  metadata: z.exactOptional(jsonObject),
} as const;

const kept = {
  ...described,
  id: z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, "must be a ULID"),
  rev: z.int().min(1),
  source: word,
  sourceKind: z.enum(sourceKinds),
  groupKey: word,
  importId: z.exactOptional(word),
  domain: word,
  tags: z.array(word),
  weight: z.number().min(0).max(1_000),
  quality: z.strictObject({ score: z.exactOptional(z.number()), tier: z.enum(tiers), factors: z.record(z.string(), z.number()) }),
  reviewStatus: z.enum(reviewStatuses),
  lifecycle: z.enum(lifecycles),
  includeInTraining: z.boolean(),
  wasCorrected: z.boolean(),
  validated: z.boolean(),
  createdAt: time,
  createdBy: word,
  updatedAt: time,
  contentHash: z.string().regex(/^[0-9a-f]{32}$/),
  inputHash: z.string().regex(/^[0-9a-f]{32}$/),
  metadata: jsonObject,
} as const;

const { chat, preference, rating, text, classification, extraction, steps } = contentShapes;

/** Parses what a capturing application or a file of ours says; unknown members are refused. */
export const newExampleSchema: z.ZodType<NewExample> = z.discriminatedUnion("kind", [
  chat.extend(described),
  preference.extend(described),
  rating.extend(described),
  text.extend(described),
  classification.extend(described),
  extraction.extend(described),
  steps.extend(described),
]);

/** Parses a whole stored example, as the `tilth` format writes it. */
export const exampleSchema: z.ZodType<Example> = z.discriminatedUnion("kind", [
  chat.extend(kept),
  preference.extend(kept),
  rating.extend(kept),
  text.extend(kept),
  classification.extend(kept),
  extraction.extend(kept),
  steps.extend(kept),
]);

/** The common fields in the order they are written and shown. */
export const commonFields: readonly (keyof Kept)[] = [
  "source",
  "sourceKind",
  "sourceId",
  "parentId",
  "groupKey",
  "importId",
  "project",
  "domain",
  "topic",
  "type",
  "style",
  "tags",
  "language",
  "complexity",
  "confidence",
  "weight",
  "learningValue",
  "engagement",
  "features",
  "quality",
  "relevance",
  "reviewStatus",
  "lifecycle",
  "includeInTraining",
  "feedback",
  "verifiedAccurate",
  "wasCorrected",
  "correctionReason",
  "corrector",
  "wasUsed",
  "modificationsMade",
  "validated",
  "subjectId",
  "createdAt",
  "createdBy",
  "updatedAt",
  "rev",
  "contentHash",
  "inputHash",
  "metadata",
];

/** The example as a JSON object in the written order: `id`, `kind`, its content, then the common fields; absent members left out. */
export function exampleToJson(example: Example): JsonObject {
  const members = new Map<string, unknown>(Object.entries(example));
  const order = ["id", "kind", ...contentMembers[example.kind], ...commonFields];
  const json: Record<string, unknown> = {};
  for (const member of order) {
    const value = members.get(member);
    if (value !== undefined) json[member] = value;
  }
  return jsonOf(json);
}

/** An example without absent members is plain JSON already: every member of its schema is. */
function jsonOf(value: Record<string, unknown>): JsonObject {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- exampleSchema proves it: its members are all JSON types
  return value as JsonObject;
}
