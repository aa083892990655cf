import { hash } from "node:crypto";

/** What an export does with weights that its format cannot carry. */
export const weightModes = ["repeat", "ignore", "refuse"] as const;
export type WeightMode = (typeof weightModes)[number];

/**
 * How often an example of this weight is written: as often as the weight says, and once more for its fraction by a seeded draw.
 *
 * The draw is a hash of seed and id, so an example is drawn alike in every export with this seed. A weight below 1 may write none.
 *
 * @param weight - 0 to 1,000.
 */
export function copiesOf(weight: number, id: string, seed: string): number {
  const whole = Math.floor(weight);
  const fraction = weight - whole;
  return fraction > 0 && draw(id, seed) < fraction ? whole + 1 : whole;
}

/** Evenly spread over 0 to 1 (exclusive): 48 bits of a hash. */
function draw(id: string, seed: string): number {
  return hash("sha256", `${seed}\n${id}`, "buffer").readUIntBE(0, 6) / 2 ** 48;
}
