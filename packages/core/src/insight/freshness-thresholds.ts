import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { Pack } from "../schema/pack.ts";
import { quantile } from "../similarity/freshness-calibration.ts";
import type { FreshnessThreshold } from "../similarity/freshness.ts";
import { readSetting } from "../storage/settings.ts";
import type { Queries, Storage } from "../storage/storage.ts";
import { canonicalJson } from "../text/canonical.ts";
import { nearest } from "../text/nearest.ts";
import type { FreshnessWorkspace, PoolFreshness } from "./freshness.ts";

/** Of types for which nothing is set. */
const DEFAULT_THRESHOLD = 0.7;
const SETTING = "freshness.thresholds";

const share = z.number().min(0).max(1);
export const thresholdSchema: z.ZodType<FreshnessThreshold> = z.union([share, z.strictObject({ quantile: share })]);

/** One change of a threshold: it changes decisions without changing data, so it is never forgotten. */
export interface ThresholdChange {
  /** ISO 8601. */
  readonly at: string;
  readonly actor: string;
  /** Absent: of examples without a type, and of types without a threshold of their own. */
  readonly type?: string;
  /** `set` by somebody; `fitted` anew because the pool a quantile is taken of has changed. */
  readonly why: "set" | "fitted";
  readonly before: FreshnessThreshold;
  readonly after: FreshnessThreshold;
  /** A dataset's id, where a quantile was fitted to its members. */
  readonly dataset?: string;
}

export const thresholdChangeSchema: z.ZodType<ThresholdChange> = z.object({
  at: z.string(),
  actor: z.string(),
  type: z.exactOptional(z.string()),
  why: z.enum(["set", "fitted"]),
  before: thresholdSchema,
  after: thresholdSchema,
  dataset: z.exactOptional(z.string()),
});

const stored = z.object({
  /** By type; the empty key is the one of all others. */
  thresholds: z.record(z.string(), thresholdSchema),
  /** What quantiles came to last, by dataset and type. */
  fits: z.record(z.string(), z.number()),
  history: z.array(thresholdChangeSchema),
});
type Stored = z.output<typeof stored>;

/** The threshold of a type and where it is from: set here, in a pack or `tilth.yaml`, or nowhere. */
export interface TypeThreshold {
  readonly type?: string;
  readonly threshold: FreshnessThreshold;
  readonly from: "set" | "pack" | "default";
}

export interface Thresholds {
  of(type: string | undefined): TypeThreshold;
  /** Oldest first. */
  readonly history: readonly ThresholdChange[];
}

/** Reads the thresholds of a workspace: what `setThreshold` kept goes before the packs. */
export async function readThresholds(storage: Storage, pack: Pack): Promise<Thresholds> {
  const kept = await storage.read(({ queries }) => readStored(queries));
  return { of: (type) => thresholdIn(kept, pack, type), history: kept.history };
}

/** All types that there are or that the packs know, each with its threshold; last the one of all others. */
export async function listThresholds(
  workspace: FreshnessWorkspace,
): Promise<{ readonly thresholds: readonly TypeThreshold[]; readonly history: readonly ThresholdChange[] }> {
  const storage = await workspace.storage();
  const { pack } = workspace.packs;
  const kept = await storage.read(({ queries }) => readStored(queries));
  const types = new Set([...(await knownTypes(storage, pack)), ...Object.keys(kept.thresholds).filter((type) => type !== "")]);
  return { thresholds: [...types, undefined].map((type) => thresholdIn(kept, pack, type)), history: kept.history };
}

export interface NewThreshold {
  /** @defaultValue examples without a type, and types without a threshold of their own */
  readonly type?: string | undefined;
  /** A freshness, or the share of the pool's own samples that shall lie below it; `undefined` = back to what the packs say. */
  readonly threshold: FreshnessThreshold | undefined;
  readonly actor: string;
}

/**
 * Keeps the threshold of a type and who changed it when.
 *
 * @throws {@link TilthError} `input/invalid` for a type that nobody knows and for numbers outside 0 to 1.
 */
export async function setThreshold(workspace: FreshnessWorkspace, { type, threshold, actor }: NewThreshold): Promise<TypeThreshold> {
  const storage = await workspace.storage();
  const { pack } = workspace.packs;
  if (type !== undefined) await checkType(storage, pack, type);
  if (threshold !== undefined && !thresholdSchema.safeParse(threshold).success)
    throw new TilthError("input/invalid", { where: "threshold", problem: `${JSON.stringify(threshold)}; expected 0 to 1` });
  return change(storage, workspace.clock.nowMs(), (kept, at) => {
    const before = thresholdIn(kept, pack, type);
    const { [type ?? ""]: _, ...others } = kept.thresholds;
    const next = { ...kept, thresholds: threshold === undefined ? others : { ...others, [type ?? ""]: threshold } };
    const after = thresholdIn(next, pack, type);
    const entry: ThresholdChange = {
      at,
      actor,
      ...(type === undefined ? {} : { type }),
      why: "set",
      before: before.threshold,
      after: after.threshold,
    };
    return { next: { ...next, history: [...kept.history, entry] }, result: after };
  });
}

/** A threshold as the number it comes to in a pool. */
export async function thresholdValue(pool: PoolFreshness, threshold: FreshnessThreshold, type: string | undefined): Promise<number> {
  return typeof threshold === "number" ? threshold : quantile((await pool.distribution(type)).draws, threshold.quantile);
}

/** What a quantile came to for a type. */
export interface Fit {
  readonly type: string | undefined;
  readonly value: number;
}

/** Keeps what quantiles came to; where that has changed, also in the history. */
export async function keepFits(
  { storage, clock }: { readonly storage: Storage; readonly clock: FreshnessWorkspace["clock"] },
  fits: readonly Fit[],
  { actor, datasetId }: { readonly actor: string; readonly datasetId: string | undefined },
): Promise<void> {
  const kept = await storage.read(({ queries }) => readStored(queries));
  const key = ({ type }: Fit): string => JSON.stringify([datasetId ?? "", type ?? ""]);
  if (fits.every((fit) => kept.fits[key(fit)] === fit.value)) return;
  await change(storage, clock.nowMs(), (now, at) => {
    const entries = fits.flatMap((fit): ThresholdChange[] => {
      const before = now.fits[key(fit)];
      if (before === undefined || before === fit.value) return [];
      const { type, value: after } = fit;
      return [{ at, actor, ...given({ type, dataset: datasetId }), why: "fitted", before, after }];
    });
    const values = Object.fromEntries(fits.map((fit) => [key(fit), fit.value]));
    return { next: { ...now, fits: { ...now.fits, ...values }, history: [...now.history, ...entries] }, result: undefined };
  });
}

/**
 * A type that nobody knows would be compared with nothing and hence be fresh: it is refused.
 *
 * @throws {@link TilthError} `input/invalid` that names the nearest one; nothing where there are no types at all.
 */
export async function checkType(storage: Storage, pack: Pack, type: string): Promise<void> {
  const known = await knownTypes(storage, pack);
  if (known.length === 0 || known.includes(type)) return;
  const near = nearest(type, known);
  const hint = near === undefined ? `there are ${known.slice(0, 12).join(", ")}` : `did you mean ${near}?`;
  throw new TilthError("input/invalid", { where: "type", problem: `there is none named ${type}; ${hint}` });
}

/** Types of the packs in their order, then those of the pool by name. */
export async function knownTypes(storage: Storage, { types = [], freshness = {} }: Pack): Promise<readonly string[]> {
  const counted = await storage.read(({ queries }) =>
    queries
      .selectFrom("counter")
      .select("value")
      .where("facet", "=", "type")
      .groupBy("value")
      .having(({ fn }) => fn.sum<number>("count"), ">", 0)
      .orderBy("value")
      .execute(),
  );
  return [...new Set([...types, ...Object.keys(freshness.thresholds ?? {}), ...counted.map(({ value }) => value)])].filter(
    (type) => type !== "",
  );
}

function thresholdIn({ thresholds }: Stored, { freshness = {} }: Pack, type: string | undefined): TypeThreshold {
  const named = type === undefined ? {} : { type };
  const own = type === undefined ? undefined : thresholds[type];
  if (own !== undefined) return { ...named, threshold: own, from: "set" };
  const packs = type === undefined ? undefined : freshness.thresholds?.[type];
  if (packs !== undefined) return { ...named, threshold: packs, from: "pack" };
  const others = thresholds[""];
  if (others !== undefined) return { ...named, threshold: others, from: "set" };
  return freshness.threshold === undefined
    ? { ...named, threshold: DEFAULT_THRESHOLD, from: "default" }
    : { ...named, threshold: freshness.threshold, from: "pack" };
}

async function readStored(queries: Queries): Promise<Stored> {
  const value = await readSetting(queries, SETTING);
  return value === undefined ? { thresholds: {}, fits: {}, history: [] } : stored.parse(value);
}

/** Reads, changes and writes in one transaction: two who set thresholds at once both count. */
async function change<Result>(
  storage: Storage,
  nowMs: number,
  work: (kept: Stored, at: string) => { readonly next: Stored; readonly result: Result },
): Promise<Result> {
  return storage.transaction(async (queries) => {
    const { next, result } = work(await readStored(queries), new Date(nowMs).toISOString());
    const value = canonicalJson(stored.parse(next));
    await queries
      .insertInto("setting")
      .values({ key: SETTING, value, updated_at: nowMs })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ value, updated_at: nowMs }))
      .execute();
    return result;
  });
}

function given({ type, dataset }: { readonly type: string | undefined; readonly dataset: string | undefined }) {
  return { ...(type === undefined ? {} : { type }), ...(dataset === undefined ? {} : { dataset }) };
}
