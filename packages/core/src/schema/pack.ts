import { z } from "zod";
import { type SourceKind, relevances, type Relevance, sourceKinds } from "./example.ts";
import type { JsonObject } from "./json.ts";
import { strictObject } from "./strict.ts";

/** How a table of keywords looks for them: anywhere in the lower-cased text, or as whole words and phrases. */
export const matches = ["substring", "word"] as const;
export type Match = (typeof matches)[number];

/** Words that speak for the subject of a pack; several tables may match differently. */
export interface TermTable {
  readonly match: Match;
  readonly terms: readonly string[];
}

/** Tags, each with the patterns any one of which gives it. */
export interface TagTable {
  readonly match: Match;
  readonly patterns: Readonly<Record<string, readonly string[]>>;
}

/** Domains, each with its keywords; the order is the order in which ties are broken. */
export interface DomainTable {
  readonly match: Match;
  readonly keywords: Readonly<Record<string, readonly string[]>>;
}

/** How near a text may come to what is there already. Shares and scores 0 to 1. */
export interface FreshnessSettings {
  /** By type: below it an example is stale. */
  readonly thresholds?: Readonly<Record<string, number>>;
  /** For examples without a type, or of a type without its own. */
  readonly threshold?: number;
  readonly weights?: { readonly jaccard?: number; readonly phrase?: number; readonly semantic?: number };
  /** Share of fresh examples that summaries are held against. */
  readonly goal?: number;
  readonly check_interval_days?: number;
  /** Fewer examples of a type than this are too few to compare with. */
  readonly min_samples?: number;
}

/** Scores 0 to 1. */
export interface QualitySettings {
  /** Below it an example is eligible neither for training nor for few-shot picks. */
  readonly min_score?: number;
  /** Below it an example is proposed for the archive. */
  readonly archive_threshold?: number;
  readonly weights?: { readonly engagement?: number; readonly freshness?: number; readonly diversity?: number; readonly recency?: number };
  /** Which score is `quality.score`: the tier's arithmetic, or the quality of a post wherever one is computed. @defaultValue `tier` */
  readonly deciding?: "tier" | "post";
}

export interface AutomationSettings {
  readonly auto_add_successful?: boolean;
  readonly auto_archive_old?: boolean;
  readonly min_auto_add_likes?: number;
  readonly max_sample_age_days?: number;
  /** An example older than `max_age_days` and below either minimum is archived. */
  readonly auto_archive?: { readonly min_quality_score?: number; readonly min_freshness?: number; readonly max_age_days?: number };
  /** How many new examples a week are wanted. */
  readonly weeklyIntake?: { readonly minimum?: number; readonly maximum?: number };
}

/** The file a collection is known by, and how many examples it should hold at least. */
export interface CollectionSettings {
  readonly file: string;
  readonly minimum?: number;
}

/** What a post is described by; where it is set, style and features are read from examples of kind `text`. Words, inclusive. */
export interface PostSettings {
  readonly shortMaxWords: number;
  readonly mediumMaxWords: number;
}

/** Which examples may be trained on. Every rule sees these beside its own thresholds. */
export interface FilterSettings {
  /** Characters. */
  readonly min_prompt_length?: number;
  readonly min_response_length?: number;
  readonly required_relevance?: Relevance;
  readonly exclude_sources?: readonly string[];
  /** Of an extraction's own score, 0 to 10. */
  readonly minQualityScore?: number;
  /** Likes minus dismissals must exceed it. */
  readonly netLikesAbove?: number;
  /** How many different people must have seen it. */
  readonly minShownTo?: number;
}

export interface TrainingSettings {
  /** Fewer examples are not exported for training. */
  readonly minExamples?: number;
  /** From this number on training may start by itself. */
  readonly triggerExamples?: number;
  /** What progress is shown against. */
  readonly goalExamples?: number;
  /** Dataset validation score, 0 to 1, that must be exceeded. */
  readonly minQuality?: number;
  /** Evaluation accuracy, 0 to 1, that a trained model must exceed to be registered. */
  readonly accuracyThreshold?: number;
  /** Share of the old model's quality, 0 to 1, that a new one must reach to take over. */
  readonly migrationShare?: number;
  /** Weight of examples that only a thumb speaks for. */
  readonly feedbackWeight?: number;
}

/** An instruction before examples of a kind that chat trainers do not know. */
export interface RenderSettings {
  readonly classification?: { readonly instruction: string };
  readonly extraction?: { readonly instruction: string };
}

/**
 * What is particular to one team: the configuration of one kind of work. Every key may be missing.
 *
 * Keys that a founding document gives keep its spelling; ours are camelCase.
 */
export interface Pack {
  /** The pack's own words for what an example can be, such as `gm` or `insight`. */
  readonly types?: readonly string[];
  readonly freshness?: FreshnessSettings;
  readonly quality?: QualitySettings;
  readonly automation?: AutomationSettings;
  /** By type. */
  readonly collections?: Readonly<Record<string, CollectionSettings>>;
  /** Target shares, 0 to 1: by field, then by value. */
  readonly targets?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** A record's own word for its source, and what it is in ours. */
  readonly sources?: Readonly<Record<string, SourceKind>>;
  /** How many distinct terms make an example relevant. */
  readonly relevance?: { readonly medium?: number; readonly high?: number; readonly tables?: readonly TermTable[] };
  readonly tags?: readonly TagTable[];
  readonly domains?: readonly DomainTable[];
  readonly posts?: PostSettings;
  readonly systemPrompt?: string;
  readonly filters?: FilterSettings;
  /** Thresholds by the rule's name; `false` switches a rule off. */
  readonly rules?: Readonly<Record<string, JsonObject | false>>;
  /** The most that warnings together may take from a tier score. @defaultValue 0.3 */
  readonly tier?: { readonly warningCap?: number | "none" };
  readonly training?: TrainingSettings;
  readonly render?: RenderSettings;
  /** Where the workspace opens when its own place cannot be written; says so every time. */
  readonly fallback?: string;
}

/** Several packs as one, with what `tilth.yaml` sets over them. */
export interface ResolvedPacks {
  readonly names: readonly string[];
  readonly pack: Pack;
  /** SHA-256 of the canonical JSON of `pack`, in hex: equal = the same rules, tables and thresholds. */
  readonly fingerprint: string;
}

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const words = z.array(z.string().min(1)).min(1);
const match = z.enum(matches);
const instruction = strictObject({ instruction: z.string().min(1) });

/** The keys of a pack, to be extended by those of `tilth.yaml`. */
export const packShape = {
  types: z.exactOptional(z.array(z.string().min(1))),
  freshness: z.exactOptional(
    strictObject({
      thresholds: z.exactOptional(z.record(z.string(), share)),
      threshold: z.exactOptional(share),
      weights: z.exactOptional(
        strictObject({ jaccard: z.exactOptional(share), phrase: z.exactOptional(share), semantic: z.exactOptional(share) }),
      ),
      goal: z.exactOptional(share),
      check_interval_days: z.exactOptional(z.number().positive()),
      min_samples: z.exactOptional(count),
    }),
  ),
  quality: z.exactOptional(
    strictObject({
      min_score: z.exactOptional(share),
      archive_threshold: z.exactOptional(share),
      weights: z.exactOptional(
        strictObject({
          engagement: z.exactOptional(share),
          freshness: z.exactOptional(share),
          diversity: z.exactOptional(share),
          recency: z.exactOptional(share),
        }),
      ),
      deciding: z.exactOptional(z.enum(["tier", "post"])),
    }),
  ),
  automation: z.exactOptional(
    strictObject({
      auto_add_successful: z.exactOptional(z.boolean()),
      auto_archive_old: z.exactOptional(z.boolean()),
      min_auto_add_likes: z.exactOptional(count),
      max_sample_age_days: z.exactOptional(z.number().positive()),
      auto_archive: z.exactOptional(
        strictObject({
          min_quality_score: z.exactOptional(share),
          min_freshness: z.exactOptional(share),
          max_age_days: z.exactOptional(z.number().positive()),
        }),
      ),
      weeklyIntake: z.exactOptional(strictObject({ minimum: z.exactOptional(count), maximum: z.exactOptional(count) })),
    }),
  ),
  collections: z.exactOptional(z.record(z.string(), strictObject({ file: z.string().min(1), minimum: z.exactOptional(count) }))),
  targets: z.exactOptional(z.record(z.string(), z.record(z.string(), share))),
  sources: z.exactOptional(z.record(z.string(), z.enum(sourceKinds))),
  relevance: z.exactOptional(
    strictObject({
      medium: z.exactOptional(count),
      high: z.exactOptional(count),
      tables: z.exactOptional(z.array(strictObject({ match, terms: words }))),
    }),
  ),
  tags: z.exactOptional(z.array(strictObject({ match, patterns: z.record(z.string(), words) }))),
  domains: z.exactOptional(z.array(strictObject({ match, keywords: z.record(z.string(), words) }))),
  posts: z.exactOptional(strictObject({ shortMaxWords: count, mediumMaxWords: count })),
  systemPrompt: z.exactOptional(z.string().min(1)),
  filters: z.exactOptional(
    strictObject({
      min_prompt_length: z.exactOptional(count),
      min_response_length: z.exactOptional(count),
      required_relevance: z.exactOptional(z.enum(relevances)),
      exclude_sources: z.exactOptional(z.array(z.string().min(1))),
      minQualityScore: z.exactOptional(z.number().min(0).max(10)),
      netLikesAbove: z.exactOptional(z.int()),
      minShownTo: z.exactOptional(count),
    }),
  ),
  rules: z.exactOptional(z.record(z.string(), z.union([z.literal(false), z.record(z.string(), z.json())]))),
  tier: z.exactOptional(strictObject({ warningCap: z.exactOptional(z.union([z.literal("none"), share])) })),
  training: z.exactOptional(
    strictObject({
      minExamples: z.exactOptional(count),
      triggerExamples: z.exactOptional(count),
      goalExamples: z.exactOptional(count),
      minQuality: z.exactOptional(share),
      accuracyThreshold: z.exactOptional(share),
      migrationShare: z.exactOptional(share),
      feedbackWeight: z.exactOptional(share),
    }),
  ),
  render: z.exactOptional(strictObject({ classification: z.exactOptional(instruction), extraction: z.exactOptional(instruction) })),
  fallback: z.exactOptional(z.string().min(1)),
} as const;

/** Parses one pack; an unknown key is refused with the nearest one named. */
export const packSchema: z.ZodType<Pack> = strictObject(packShape);
