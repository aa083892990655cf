import type { FreshnessThreshold } from "../similarity/freshness.ts";
import type { Storage } from "../storage/storage.ts";
import { type FreshnessMethod, type Stale, type Tally, judgeAll, limitsOf, newTally } from "./freshness-judge.ts";
import { type FreshnessBasis, type Neighbour, basisOf, neighbourOf, rounded } from "./freshness-near.ts";
import { countActive, textStarts } from "./freshness-rows.ts";
import { type SharePoint, pointsOf, shareTrend } from "./freshness-series.ts";
import { checkType, keepFits, readThresholds } from "./freshness-thresholds.ts";
import { type FreshnessContext, type FreshnessWorkspace, openFreshness } from "./freshness.ts";

/** Up to so many examples every score is exact; above, only whether each is fresh, which is found several times as fast. */
export const EXACT_UP_TO = 100_000;
/** Share of fresh examples that is aimed at where no pack says so. */
const DEFAULT_GOAL = 0.85;

export interface CheckFreshnessOptions {
  /** A dataset's name or id: its members, compared with each other. @defaultValue the whole pool */
  readonly dataset?: string | undefined;
  /** Examples of this type alone. */
  readonly type?: string | undefined;
  /** How many of those below their threshold are told. @defaultValue 20 */
  readonly limit?: number | undefined;
  /** Ask only whether each is fresh. @defaultValue true above 100,000 examples */
  readonly decide?: boolean | undefined;
  /** In the history, where a quantile comes to another number. */
  readonly actor: string;
}

/** The examples of one type. */
export interface TypeFreshness {
  /** Absent: examples without a type, which are compared with all. */
  readonly type?: string;
  /** The file that a pack knows this collection by. */
  readonly file?: string;
  /** With words; what has none is compared with nothing. */
  readonly samples: number;
  readonly fresh: number;
  readonly below: number;
  readonly withoutWords: number;
  readonly share?: number;
  readonly mean?: number;
  readonly threshold: number;
  /** Where the threshold is a share of the pool's own samples. */
  readonly quantile?: number;
}

/** An example that is less fresh than its type asks for. */
export interface StaleExample {
  readonly id: string;
  readonly type?: string;
  /** Exact where scores were taken; where only decisions were, at most so much. */
  readonly freshness: number;
  readonly threshold: number;
  readonly text: string;
  /** What it repeats: the nearest where scores were taken, else one that is too near. */
  readonly witness: Neighbour;
}

export interface FreshnessReport extends FreshnessBasis {
  readonly method: FreshnessMethod;
  readonly samples: number;
  readonly fresh: number;
  readonly below: number;
  readonly withoutWords: number;
  /** Absent where there is nothing to check. */
  readonly share?: number;
  readonly goal: number;
  readonly isGoalMet: boolean;
  readonly mean?: number;
  /** The lowest of the thresholds that counted. */
  readonly minThreshold?: number;
  readonly types: readonly TypeFreshness[];
  /** Worst first, equal ones by id. */
  readonly stale: readonly StaleExample[];
  /** Shares of earlier days, and of today. */
  readonly trend: readonly SharePoint[];
  readonly warnings: readonly string[];
  /** When the packs want the next check, ISO 8601. */
  readonly nextCheck?: string;
}

/**
 * Checks how fresh every active example is among the others of its type; it and its other versions are left out.
 *
 * Scores are kept with the examples, the share of fresh ones with today's date.
 *
 * @throws {@link TilthError} `dataset/not-found`, `input/invalid` for an unknown type, what the embedder throws; the signal's reason.
 */
export async function checkFreshness(
  workspace: FreshnessWorkspace,
  { dataset, type, limit = 20, decide, actor }: CheckFreshnessOptions,
  context: FreshnessContext = {},
): Promise<FreshnessReport> {
  const { pack } = workspace.packs;
  const storage = await workspace.storage();
  if (type !== undefined) await checkType(storage, pack, type);
  const pool = await openFreshness(workspace, { dataset }, context);
  const { datasetId } = pool;
  const total = await countActive(storage, { datasetId, type });
  const method = (decide ?? total > EXACT_UP_TO) ? "decision" : "exact";
  const limits = limitsOf(pool, await readThresholds(storage, pack));
  const { tallies, stale } = await judgeAll({ pool, limits, method, type, limit, total, atMs: workspace.clock.nowMs() }, context);
  await pool.keep();
  await keepFits({ storage, clock: workspace.clock }, limits.fits(), { actor, datasetId });

  const types = orderOf([...tallies.keys()], pack.types ?? []).map((name) => {
    const found = typeFreshness(name, tallies.get(name) ?? newTally(), limits.known(name), method);
    const file = name === undefined ? undefined : pack.collections?.[name]?.file;
    return file === undefined ? found : { ...found, file };
  });
  const sum = sumOf([...tallies.values()], method);
  const goal = pack.freshness?.goal ?? DEFAULT_GOAL;
  const nowMs = workspace.clock.nowMs();
  await storage.addMetrics([
    ...(type === undefined ? pointsOf({ datasetId }, sum, nowMs) : []),
    ...types.flatMap((found) => (found.type === undefined ? [] : pointsOf({ datasetId, type: found.type }, found, nowMs))),
  ]);
  const intervalDays = pack.freshness?.check_interval_days;
  return {
    ...basisOf(pool),
    method,
    ...sum,
    goal,
    isGoalMet: sum.samples === 0 || sum.fresh / sum.samples >= goal,
    ...(types.length === 0 ? {} : { minThreshold: Math.min(...types.map(({ threshold }) => threshold)) }),
    types,
    stale: await described(storage, stale),
    trend: await shareTrend(storage, { datasetId, type }),
    warnings: types.flatMap((found) => tooFew(found, pack.freshness?.min_samples ?? 0)),
    ...(intervalDays === undefined ? {} : { nextCheck: new Date(nowMs + intervalDays * 86_400_000).toISOString() }),
  };
}

function sumOf(tallies: readonly Tally[], method: FreshnessMethod) {
  const sum = newTally();
  for (const { fresh, below, withoutWords, freshnessSum } of tallies) {
    sum.fresh += fresh;
    sum.below += below;
    sum.withoutWords += withoutWords;
    sum.freshnessSum += freshnessSum;
  }
  const { freshnessSum, ...counts } = sum;
  const samples = sum.fresh + sum.below;
  return {
    samples,
    ...counts,
    ...(samples === 0 ? {} : { share: rounded(sum.fresh / samples) }),
    ...(samples === 0 || method === "decision" ? {} : { mean: rounded(freshnessSum / samples) }),
  };
}

function typeFreshness(
  type: string | undefined,
  tally: Tally,
  { value, threshold }: { readonly value: number; readonly threshold: FreshnessThreshold },
  method: FreshnessMethod,
): TypeFreshness {
  return {
    ...(type === undefined ? {} : { type }),
    ...sumOf([tally], method),
    threshold: rounded(value),
    ...(typeof threshold === "number" ? {} : { quantile: threshold.quantile }),
  };
}

/** The packs' own types first, in their order; examples without one last. */
function orderOf(found: readonly (string | undefined)[], types: readonly string[]): readonly (string | undefined)[] {
  const place = (type: string | undefined): number => {
    if (type === undefined) return Infinity;
    const known = types.indexOf(type);
    return known < 0 ? types.length : known;
  };
  const byName = (left: string | undefined, right: string | undefined): number => ((left ?? "") < (right ?? "") ? -1 : 1);
  return found.toSorted((left, right) => {
    const [one, other] = [place(left), place(right)];
    return one === other ? byName(left, right) : one - other;
  });
}

async function described(storage: Storage, worst: readonly Stale[]): Promise<readonly StaleExample[]> {
  const starts = await textStarts(storage, [...new Set(worst.flatMap(({ id, witness }) => [id, witness.id]))]);
  return worst.map(({ id, type, freshness, threshold, witness }) => ({
    id,
    ...(type === undefined ? {} : { type }),
    freshness: rounded(freshness),
    threshold: rounded(threshold),
    text: starts.get(id)?.text ?? "",
    witness: neighbourOf(witness, starts.get(witness.id)),
  }));
}

function tooFew({ type, samples }: TypeFreshness, least: number): readonly string[] {
  if (samples >= least) return [];
  const whose = type === undefined ? "without a type" : `of type ${type}`;
  return [`There are only ${samples} samples ${whose}; below ${least} (min_samples) freshness says little.`];
}
