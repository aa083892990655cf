// Typed arrays and loops only: indexes are proved by the loops around them.
import { finalise } from "../finalise.ts";
import type { SketchPlan } from "./byte-kernels.ts";

/** What the sketches of one plan are made with, the same in both engines. */
export interface SketchConstants {
  /** Bands x rows; a slot `row * bands + band` belongs to a band. */
  readonly slots: number;
  /** Classic: an odd multiplier for every two slots. Fast: one salt for each round. */
  readonly numbers: Int32Array;
}

/** Draws the constants of a plan from its seed. */
export function sketchConstants({ bands, rows, family, seed }: SketchPlan): SketchConstants {
  const slots = bands * rows;
  const next = generator(seed);
  const numbers = new Int32Array(family === "classic" ? roundedSlots(slots) / 2 : 2 * slots);
  const lowest = family === "classic" ? 1 : 0;
  for (let i = 0; i < numbers.length; i++) numbers[i] = next() | lowest;
  return { slots, numbers };
}

/** Classic slots come in groups of eight: the least, then the greatest, of four permutations. */
export function roundedSlots(slots: number): number {
  return (slots + 7) & ~7;
}

function generator(seed: number): () => number {
  let state = finalise(seed | 0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return finalise(state);
  };
}
