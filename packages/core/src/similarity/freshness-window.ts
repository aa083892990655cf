import type { FreshnessState } from "./freshness-state.ts";
import type { Base } from "./kernels/freshness-base.ts";
import { OUTSIDE_WINDOW, REMOVED } from "./kernels/freshness-memory.ts";

const DAY_MS = 86_400_000;

/** The newest samples alone: so many of them, or those of so many days. With a type, samples of that type are counted. */
export type FreshnessWindow = { readonly samples: number } | { readonly days: number };

/** A window as one search sees it. The bits of the merged part stay until another window is asked for. */
export interface OpenWindow {
  /** How many samples lie inside. */
  readonly size: number;
  /** Not 0 for pending samples outside, or removed. */
  readonly pendingOutside: Uint8Array;
}

interface Place {
  readonly key: string;
  readonly window: OpenWindow;
}

/** What was marked last in each index, and its samples in order of time. */
const marked = new WeakMap<Base, Place>();
const orders = new WeakMap<Base, Uint32Array>();

/**
 * Marks the samples of the merged part that lie outside, and says which pending ones do.
 *
 * The first window after a change looks at every sample; further searches in the same window cost nothing more.
 *
 * @param type - Absent: all types.
 */
export function openWindow(state: FreshnessState, window: FreshnessWindow, type: string | undefined): OpenWindow {
  const { base, epoch } = state;
  const byTime = orders.get(base) ?? orderByTime(base);
  orders.set(base, byTime);
  const sinceMs = "days" in window ? state.clock.nowMs() - window.days * DAY_MS : -Infinity;
  const first = firstSince(base, byTime, sinceMs);
  const most = "samples" in window ? window.samples : Infinity;
  const pendingByTime = livingPending(state, sinceMs, type);
  const key = JSON.stringify([epoch, type, first, String(most), pendingByTime.length]);
  const last = marked.get(base);
  if (last?.key === key) return last.window;
  const opened = mark(state, { byTime, first, most, pendingByTime, type });
  marked.set(base, { key, window: opened });
  return opened;
}

interface Limits {
  readonly byTime: Uint32Array;
  readonly first: number;
  readonly most: number;
  readonly pendingByTime: readonly number[];
  readonly type: string | undefined;
}

/** From the newest back, merged and pending samples in one order of time, then id. */
function mark(state: FreshnessState, { byTime, first, most, pendingByTime, type }: Limits): OpenWindow {
  const { base, pending } = state;
  const { states } = base.memory;
  const [from, to] = rangeOf(base, type);
  for (let n = from; n < to; n++) states[n] = (states[n] ?? 0) | OUTSIDE_WINDOW;
  const pendingOutside = new Uint8Array(pending.count).fill(1);
  let size = 0;
  let p = pendingByTime.length - 1;
  for (let i = byTime.length - 1; size < most && (p >= 0 || i >= first);) {
    const next = pendingByTime[p];
    const n = byTime[i] ?? 0;
    if (next !== undefined && (i < first || isLater(state, next, n))) {
      pendingOutside[next] = 0;
      p--;
      size++;
      continue;
    }
    i--;
    const bits = states[n] ?? 0;
    if (n < from || n >= to || (bits & REMOVED) !== 0) continue;
    states[n] = bits & ~OUTSIDE_WINDOW;
    size++;
  }
  return { size, pendingOutside };
}

function isLater({ base, pending, pendingGaps }: FreshnessState, pendingAt: number, sample: number): boolean {
  const left = pending.atMs[pendingAt] ?? 0;
  const right = base.atMs[sample] ?? 0;
  return left > right || (left === right && (pendingGaps[pendingAt] ?? 0) > (base.rank[sample] ?? 0));
}

/** The samples of a type in the merged part. */
export function rangeOf({ types, typeStarts, count }: Base, type: string | undefined): readonly [number, number] {
  if (type === undefined) return [0, count];
  const t = types.indexOf(type);
  return t < 0 ? [0, 0] : [typeStarts[t] ?? 0, typeStarts[t + 1] ?? 0];
}

/** Pending samples that count, ascending by time, then id. */
function livingPending({ pending }: FreshnessState, sinceMs: number, type: string | undefined): number[] {
  const found: number[] = [];
  for (let n = 0; n < pending.count; n++) {
    if (pending.removed[n] !== 0 || (pending.atMs[n] ?? 0) < sinceMs) continue;
    if (type === undefined || pending.types[n] === type) found.push(n);
  }
  const id = (n: number): string => pending.ids[n] ?? "";
  return found.sort((left, right) => (pending.atMs[left] ?? 0) - (pending.atMs[right] ?? 0) || (id(left) < id(right) ? -1 : 1));
}

function orderByTime({ byRank, atMs }: Base): Uint32Array {
  const order = byRank.slice();
  const time = (n: number): number => atMs[n] ?? 0;
  let ascending = true;
  for (let r = 1; r < order.length && ascending; r++) ascending = time(order[r - 1] ?? 0) <= time(order[r] ?? 0);
  // Ids that grow with time are in order already; otherwise equal times keep the order of their ids.
  return ascending ? order : Uint32Array.from(Array.from(order).sort((left, right) => time(left) - time(right)));
}

/** The first place of `byTime` that is not before the time. */
function firstSince({ atMs }: Base, byTime: Uint32Array, sinceMs: number): number {
  let low = 0;
  let high = byTime.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((atMs[byTime[middle] ?? 0] ?? 0) < sinceMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
