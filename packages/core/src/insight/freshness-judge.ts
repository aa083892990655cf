import type { Near } from "../similarity/freshness-query.ts";
import type { FreshnessThreshold } from "../similarity/freshness.ts";
import type { Freshness } from "../storage/storage.ts";
import { rounded } from "./freshness-near.ts";
import { type PoolText, activeTexts, createVersions } from "./freshness-rows.ts";
import { type Thresholds, thresholdValue } from "./freshness-thresholds.ts";
import { type FreshnessContext, type PoolFreshness, turn } from "./freshness.ts";

/** `exact`: every score, kept with the examples. `decision`: whether each is fresh, found several times as fast. */
export type FreshnessMethod = "exact" | "decision";

/** What became of the examples of one type. */
export interface Tally {
  fresh: number;
  below: number;
  withoutWords: number;
  freshnessSum: number;
}

/** An example below its threshold. */
export interface Stale {
  readonly id: string;
  readonly type: string | undefined;
  readonly freshness: number;
  readonly threshold: number;
  readonly witness: Near;
}

/** Thresholds as numbers. */
export interface Limits {
  of(type: string | undefined): Promise<number>;
  known(type: string | undefined): { readonly value: number; readonly threshold: FreshnessThreshold };
  fits(): readonly { readonly type: string | undefined; readonly value: number }[];
}

/** Thresholds of a pool as numbers, each found once. */
export function limitsOf(pool: PoolFreshness, thresholds: Thresholds): Limits {
  const values = new Map<string | undefined, number>();
  return {
    async of(type) {
      const value = values.get(type) ?? (await thresholdValue(pool, thresholds.of(type).threshold, type));
      values.set(type, value);
      return value;
    },
    known: (type) => ({ value: values.get(type) ?? 1, threshold: thresholds.of(type).threshold }),
    fits: () => [...values].flatMap(([type, value]) => (typeof thresholds.of(type).threshold === "number" ? [] : [{ type, value }])),
  };
}

export interface Judging {
  readonly pool: PoolFreshness;
  readonly limits: Limits;
  readonly method: FreshnessMethod;
  readonly type: string | undefined;
  readonly limit: number;
  readonly total: number;
  readonly atMs: number;
}

/** Compares every active example with the others of its type, and keeps exact scores with them. */
export async function judgeAll(
  { pool, limits, method, type, limit, total, atMs }: Judging,
  context: FreshnessContext,
): Promise<{ readonly tallies: ReadonlyMap<string | undefined, Tally>; readonly stale: readonly Stale[] }> {
  const { storage, embedder, datasetId } = pool;
  const versions = createVersions(storage);
  const judge = judges[method];
  const tallies = new Map<string | undefined, Tally>();
  const worst = newWorst(limit);
  let done = 0;
  for await (const page of activeTexts(storage, { datasetId, type })) {
    await turn(context, { step: "comparing texts", done, total });
    await embedder.prime(page.map(({ text }) => text));
    const versionsOf = await versions.of(page);
    const scores: Freshness[] = [];
    for (const row of page) {
      const tally = tallies.get(row.type) ?? newTally();
      tallies.set(row.type, tally);
      const threshold = await limits.of(row.type);
      const judged = await judge(pool, row, { threshold, exclude: versionsOf(row) });
      if (judged === undefined) {
        tally.withoutWords++;
        continue;
      }
      const { freshness, witness } = judged;
      const isFresh = witness === undefined || freshness >= threshold;
      if (isFresh) tally.fresh++;
      else tally.below++;
      tally.freshnessSum += freshness;
      if (!isFresh) worst.add({ id: row.id, type: row.type, freshness, threshold, witness });
      if (method === "exact") scores.push({ id: row.id, freshness: rounded(freshness), atMs });
    }
    if (scores.length > 0) await storage.setFreshness(scores);
    done += page.length;
  }
  if (versions.tooLarge.size > 0) context.remark?.(manyVersions([...versions.tooLarge]));
  return { tallies, stale: worst.list() };
}

interface Judged {
  readonly freshness: number;
  /** Absent where nothing is near. */
  readonly witness: Near | undefined;
}

type Judge = (
  pool: PoolFreshness,
  row: PoolText,
  options: { readonly threshold: number; readonly exclude: readonly string[] },
) => Promise<Judged | undefined>;

const judges: Readonly<Record<FreshnessMethod, Judge>> = {
  exact: async ({ index }, { text, type }, { exclude }) => {
    const found = await index.maxSimilarity(text, { type, exclude });
    return found === undefined ? undefined : { freshness: found.freshness, witness: found.nearest[0] };
  },
  decision: async ({ index }, { text, type }, { threshold, exclude }) => {
    const decided = await index.isFresh(text, { type, threshold, exclude });
    return decided === undefined ? undefined : { freshness: 1 - (decided.witness?.score ?? 0), witness: decided.witness };
  },
};

/** The worst so far; the list is cut now and then, not at each one. */
function newWorst(limit: number) {
  let kept: Stale[] = [];
  const list = (): readonly Stale[] => {
    kept.sort((left, right) => left.freshness - right.freshness || (left.id < right.id ? -1 : 1));
    kept = kept.slice(0, limit);
    return kept;
  };
  return {
    list,
    add(stale: Stale): void {
      kept.push(stale);
      if (kept.length > 2 * limit + 1_000) list();
    },
  };
}

export function newTally(): Tally {
  return { fresh: 0, below: 0, withoutWords: 0, freshnessSum: 0 };
}

function manyVersions(groups: readonly string[]): string {
  const [first = ""] = groups;
  const what = groups.length === 1 ? `The group ${first} has` : `${groups.length} groups, such as ${first}, have`;
  return `${what} more than 200 examples: they are compared with each other, as no versions of one.`;
}
