import type { SketchPlan } from "../text/kernels/load.ts";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import type { NearPlan } from "./near-plan.ts";
import type { NearDuplicates, NearOptions } from "./near.ts";

/** A line that holds no row. */
export interface BrokenLine {
  /** Counted from 1. */
  readonly line: number;
  /** Where it begins in the file. */
  readonly byteOffset: number;
  readonly problem: string;
}

/** What a thread is started with. */
export interface NearWorkerData {
  readonly path: string;
  readonly fields: readonly string[];
  readonly shingleWords: number;
  readonly sketch?: SketchPlan;
}

/** What a thread is asked to do. */
export type NearRequest =
  | { readonly kind: "range"; readonly start: number; readonly end: number }
  | {
      readonly kind: "decide";
      readonly sets: ShingleSets;
      readonly options: NearOptions;
      readonly plan: NearPlan;
      readonly keys: Int32Array;
    };

/** The rows of one range, as typed arrays that change their owner instead of being copied. */
export interface RangeSets {
  readonly kind: "range";
  readonly sets: ShingleSets;
  /** Column-major; empty where nothing is banded. */
  readonly keys: Int32Array;
  readonly byteOffsets: Float64Array;
  readonly lines: Int32Array;
  readonly lineCount: number;
  readonly broken: readonly BrokenLine[];
  readonly withoutText: number;
}

export type NearReply = RangeSets | { readonly kind: "decided"; readonly found: NearDuplicates };
