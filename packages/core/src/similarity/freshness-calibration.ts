import { setImmediate } from "node:timers/promises";
import { find } from "./freshness-query.ts";
import type { FreshnessState } from "./freshness-state.ts";
import { rangeOf } from "./freshness-window.ts";
import { idAt } from "./kernels/freshness-ids.ts";
import { REMOVED } from "./kernels/freshness-memory.ts";
import { storedQuery, unfold } from "./kernels/freshness-stored.ts";

const MOST_DRAWS = 2_000;
/** Between two pauses in which others get their turn. */
const DRAWS_A_TURN = 20;
const QUANTILES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const;

/** How fresh the samples of the pool are among themselves, each compared with all others. */
export interface FreshnessDistribution {
  /** Freshness below which the given share of the samples lies. */
  readonly quantiles: readonly { readonly share: number; readonly freshness: number }[];
  /** Freshness of the samples drawn, ascending. */
  readonly draws: readonly number[];
  /** Samples the pool had when they were drawn. */
  readonly size: number;
}

/**
 * Draws up to 2 000 merged samples and compares each with all others; the same draws for the same pool.
 *
 * @param type - Draws and compares within this type.
 */
export async function drawDistribution(state: FreshnessState, type: string | undefined): Promise<FreshnessDistribution> {
  const { base } = state;
  const samples = drawSamples(state, type);
  const unfolded = unfold(base);
  const draws: number[] = [];
  let size = 0;
  for (const [i, sample] of samples.entries()) {
    if (i % DRAWS_A_TURN === 0) await setImmediate();
    // Merged meanwhile: what was drawn so far stands for a pool that is gone.
    if (state.base !== base) return drawDistribution(state, type);
    const id = idAt(base.ids, base.rank[sample] ?? 0);
    const found = find(state, storedQuery(base, unfolded, sample), { type, exclude: [id] }, { limit: 1 });
    draws.push(1 - (found.near[0]?.score ?? 0));
    size = found.size;
  }
  draws.sort((left, right) => left - right);
  return { quantiles: QUANTILES.map((share) => ({ share, freshness: quantile(draws, share) })), draws, size };
}

/** The freshness below which a share of the draws lies; 1 for no draws, as in an empty pool. */
export function quantile(draws: readonly number[], share: number): number {
  return draws[Math.min(draws.length - 1, Math.floor(share * draws.length))] ?? 1;
}

/** Evenly over the ids of the living, which is evenly over time. */
function drawSamples({ base }: FreshnessState, type: string | undefined): Uint32Array {
  const [from, to] = rangeOf(base, type);
  const living: number[] = [];
  for (let rank = 0; rank < base.count; rank++) {
    const n = base.byRank[rank] ?? 0;
    if (n >= from && n < to && ((base.memory.states[n] ?? 0) & REMOVED) === 0) living.push(n);
  }
  if (living.length <= MOST_DRAWS) return Uint32Array.from(living);
  const step = living.length / MOST_DRAWS;
  return Uint32Array.from({ length: MOST_DRAWS }, (_, i) => living[Math.floor((i + 0.5) * step)] ?? 0);
}
