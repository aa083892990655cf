import { TilthError } from "../errors.ts";
import { loadByteKernels } from "../text/kernels/load.ts";
import type { SketchPlan } from "../text/kernels/load.ts";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import { bandedSurvivors } from "./kernels/bands.ts";
import { findCopies } from "./kernels/copies.ts";
import type { Copies } from "./kernels/copies.ts";
import { survivors } from "./kernels/join.ts";
import type { Survivors } from "./kernels/join.ts";
import { backgroundJaccard, planNear } from "./near-plan.ts";
import type { NearPlan } from "./near-plan.ts";

/** What near-duplicates are, and which of them stay. */
export interface NearOptions {
  /** Jaccard similarity of two shingle sets from which on one of them is redundant, above 0 up to 1. @defaultValue 0.8 */
  readonly threshold?: number;
  /** Every set once, best first: the earlier of two near-duplicates stays. */
  readonly order: Int32Array;
  /** @defaultValue "auto": the planner chooses, and says why. */
  readonly mode?: "auto" | "exact" | "bands";
  /** Width of the shingles the sets are made of; it is recorded with the result. */
  readonly shingleWords: number;
  /** What the search may take; where the exact join would need more, it is not chosen. @defaultValue 4 GB */
  readonly memoryBytes?: number;
  /** One number that says how many sets have been decided; in shared memory another thread can read it. */
  readonly done?: Int32Array;
}

/** Which sets are redundant, and why. */
export interface NearDuplicates {
  /** For each set -1 where it is kept, else the kept set that makes it redundant. */
  readonly witness: Int32Array;
  /** The exact Jaccard similarity with the witness; 0 for kept sets. */
  readonly similarity: Float64Array;
  /** Of kept sets, how many they stand for: 1 and the redundant ones; 0 for the others. */
  readonly weight: Int32Array;
  readonly kept: number;
  /** `exact` misses nothing; `bands` finds what shares a band; `bands+repair` also what lies in one component. */
  readonly method: "exact" | "bands" | "bands+repair";
  /** The planner's sentence. */
  readonly reason: string;
  readonly threshold: number;
  readonly shingleWords: number;
}

/**
 * Decides which sets are near-duplicates of better ones.
 *
 * Walks the order and keeps a set unless one that was kept before reaches the threshold with it. Then every redundant set has a kept
 * witness with its exact similarity, and in exact mode no two kept sets reach the threshold. The witness is the most similar set among those
 * kept before, the earliest where several are; identical sets share the witness of the first of them. Empty sets are always kept. The
 * result depends on the order alone.
 *
 * @throws {@link TilthError} `input/invalid` for a threshold out of range, or an order that does not name every set once.
 * @see {@link planNear} for what is chosen when, and what it costs.
 */
export function findNearDuplicates(sets: ShingleSets, options: NearOptions): NearDuplicates {
  const copies = checkedCopies(sets, options);
  const { threshold = DEFAULT_THRESHOLD, mode = "auto", memoryBytes } = options;
  const records = copies.firsts.length;
  const plan = planNear({
    records,
    meanShingles: meanSize(sets),
    threshold,
    background: () => backgroundJaccard(sets, copies.firsts),
    mode,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
  return decide(sets, options, copies, plan, (sketch) => loadByteKernels().bandKeys(sets, sketch));
}

/**
 * {@link findNearDuplicates} by a plan that was made before, with band keys that exist already where it is one of bands.
 *
 * @throws {@link TilthError} `input/invalid`, as there.
 */
export function followNearPlan(sets: ShingleSets, options: NearOptions, plan: NearPlan, keys: Int32Array): NearDuplicates {
  return decide(sets, options, checkedCopies(sets, options), plan, () => keys);
}

/** The width of shingles in words: 3 for texts of fewer than 200 words on average, 5 for longer ones. */
export function shingleWordsFor(meanWords: number): 3 | 5 {
  return meanWords < 200 ? 3 : 5;
}

/** The mean number of shingles of a set; 0 where there is none. */
export function meanSize({ values, offsets }: ShingleSets): number {
  return offsets.length < 2 ? 0 : values.length / (offsets.length - 1);
}

/** From which Jaccard similarity on two texts are near-duplicates where nothing else is said. */
export const DEFAULT_THRESHOLD = 0.8;

function decide(
  sets: ShingleSets,
  { threshold = DEFAULT_THRESHOLD, order, shingleWords, done }: NearOptions,
  copies: Copies,
  plan: NearPlan,
  keysOf: (sketch: SketchPlan) => Int32Array,
): NearDuplicates {
  const keys = plan.sketch === undefined ? undefined : keysOf(plan.sketch);
  const found =
    plan.sketch === undefined || keys === undefined
      ? survivors(sets, threshold, copies.firsts, undefined, done)
      : bandedSurvivors(sets, keys, plan.sketch.bands, threshold, copies.firsts, done);
  const measured =
    keys === undefined || plan.sketch === undefined ? "" : measuredRecall(sets, keys, plan.sketch.bands, threshold, copies.firsts);
  shareWitness(found, copies, order);
  return { ...found, ...weigh(found.witness), method: plan.method, reason: plan.reason + measured, threshold, shingleWords };
}

function checkedCopies(sets: ShingleSets, { threshold = DEFAULT_THRESHOLD, order }: NearOptions): Copies {
  if (!(threshold > 0 && threshold <= 1)) {
    throw new TilthError("input/invalid", { where: "threshold", problem: `${threshold} does not lie above 0 and up to 1` });
  }
  const count = sets.offsets.length - 1;
  const named = new Uint8Array(count);
  for (const set of order) named[set] = 1;
  if (order.length !== count || named.includes(0)) {
    throw new TilthError("input/invalid", { where: "order", problem: `it does not name each of the ${count} sets once` });
  }
  if (sets.values.length >= 2 ** 31) {
    throw new TilthError("input/invalid", {
      where: "sets",
      problem: `${sets.values.length} shingles are more than the 2,147,483,647 of one search`,
    });
  }
  return findCopies(sets, order);
}

/** Identical sets have one fate: kept or not, the first of them decides it. */
function shareWitness({ witness, similarity }: Survivors, { firstOf }: Copies, order: Int32Array): void {
  for (const set of order) {
    const first = firstOf[set] ?? set;
    if (first === set) continue;
    const by = witness[first] ?? -1;
    witness[set] = by < 0 ? first : by;
    similarity[set] = by < 0 ? 1 : (similarity[first] ?? 1);
  }
}

function weigh(witness: Int32Array): Pick<NearDuplicates, "weight" | "kept"> {
  const weight = new Int32Array(witness.length);
  let kept = 0;
  for (let set = 0; set < witness.length; set++) {
    const by = witness[set] ?? -1;
    if (by < 0) kept++;
    const standing = by < 0 ? set : by;
    weight[standing] = (weight[standing] ?? 0) + 1;
  }
  return { weight, kept };
}

/** Joins a sample exactly, and says how many of its near-duplicates share a band with their witness: what the plan promised, seen here. */
function measuredRecall(sets: ShingleSets, keys: Int32Array, bands: number, threshold: number, members: Int32Array): string {
  const step = Math.max(1, Math.floor(members.length / SAMPLE));
  const sample = members.filter((_, place) => place % step === 0).subarray(0, SAMPLE);
  const { witness } = survivors(sets, threshold, sample);
  const count = witness.length;
  let redundant = 0;
  let found = 0;
  for (const set of sample) {
    const by = witness[set] ?? -1;
    if (by < 0) continue;
    redundant++;
    let band = 0;
    while (band < bands && keys[band * count + set] !== keys[band * count + by]) band++;
    if (band < bands) found++;
  }
  const size = sample.length.toLocaleString("en-US");
  if (redundant === 0) return ` A sample of ${size} holds no near-duplicates to measure that on.`;
  return ` Measured on a sample of ${size}: ${found} of its ${redundant} near-duplicates share a band with their witness.`;
}

const SAMPLE = 20_000;
