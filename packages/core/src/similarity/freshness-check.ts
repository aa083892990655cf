import { setImmediate } from "node:timers/promises";
import { type CompareOptions, type Near, find } from "./freshness-query.ts";
import { type FreshnessState, compactState, typeOf } from "./freshness-state.ts";
import { firstRank, idAt } from "./kernels/freshness-ids.ts";
import { REMOVED } from "./kernels/freshness-memory.ts";
import { storedQuery, unfold } from "./kernels/freshness-stored.ts";

/** Between two pauses in which others get their turn. */
const SAMPLES_A_TURN = 20;

export interface CheckPoolOptions {
  /** Of each type; the empty string stands for no type. */
  readonly threshold: (type: string) => number;
  /** Compare with samples of the same type alone. @defaultValue true */
  readonly withinType?: boolean | undefined;
  /** Other versions of a sample, which do not count against it. @defaultValue none */
  readonly versionsOf?: ((id: string) => Iterable<string>) | undefined;
  /** `true` looks for the nearest, which costs more than a decision. @defaultValue false */
  readonly scores?: boolean | undefined;
}

/** One sample of the pool against all others. */
export interface CheckedSample {
  readonly id: string;
  readonly type: string;
  readonly isFresh: boolean;
  /** Unrounded; absent without `scores`. */
  readonly freshness: number | undefined;
  /** A sample that is too near. */
  readonly witness: Near | undefined;
}

/** Checks every sample in ascending order of ids; what is pending is merged first. Changes made meanwhile are seen from then on. */
export async function* checkSamples(state: FreshnessState, options: CheckPoolOptions): AsyncGenerator<CheckedSample> {
  compactState(state);
  let { base } = state;
  let unfolded = unfold(base);
  let rank = 0;
  for (let turn = 0; rank < base.count; turn++) {
    if (turn % SAMPLES_A_TURN === 0) await setImmediate();
    if (state.base !== base) {
      rank = firstRank(state.base.ids, idAt(base.ids, rank));
      base = state.base;
      unfolded = unfold(base);
      continue;
    }
    const n = base.byRank[rank++] ?? 0;
    if (((base.memory.states[n] ?? 0) & REMOVED) !== 0) continue;
    const id = idAt(base.ids, base.rank[n] ?? 0);
    const type = typeOf(base, n);
    const exclude = [id, ...(options.versionsOf?.(id) ?? [])];
    const compare: CompareOptions = { exclude, type: options.withinType === false ? undefined : type };
    const threshold = options.threshold(type);
    const aim = options.scores === true ? { limit: 1 } : { limit: 1, threshold };
    const [nearest] = find(state, storedQuery(base, unfolded, n), compare, aim).near;
    const freshness = 1 - (nearest?.score ?? 0);
    const isFresh = options.scores === true ? freshness >= threshold : nearest === undefined;
    yield { id, type, isFresh, freshness: options.scores === true ? freshness : undefined, witness: isFresh ? undefined : nearest };
  }
}
