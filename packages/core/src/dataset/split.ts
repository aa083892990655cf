import { hash } from "node:crypto";
import { TilthError } from "../errors.ts";
import type { SplitRule } from "../schema/manifest.ts";

export const splits = ["train", "validation", "test"] as const;
export type Split = (typeof splits)[number];

export type SplitRatios = SplitRule["ratios"];

export const defaultRatios: SplitRatios = { train: 0.9, validation: 0.05, test: 0.05 };

const POSITIONS = 1_000_000;

/**
 * Makes the rule by which a dataset is split, with nothing moved to train.
 *
 * @param salt - Id of the dataset the examples were first split in, so that a branch or derived dataset splits as its origin does.
 * @param ratios - Shares of train, validation and test, each 0 to 1, summing to 1 (±1e-9).
 * @throws TilthError `split/bad-ratios` when they do not.
 */
export function createSplitRule(salt: string, ratios: SplitRatios = defaultRatios): SplitRule {
  const shares = splits.map((split) => ratios[split]);
  const sum = shares.reduce((total, share) => total + share, 0);
  if (!shares.every((share) => share >= 0 && share <= 1) || !(Math.abs(sum - 1) <= 1e-9)) {
    throw new TilthError("split/bad-ratios", { ratios: shares.join(", ") });
  }
  return { rule: 1, unit: "group_key", salt, ratios, toTrain: [] };
}

/**
 * The split of a group: examples of one group stay together, and a group keeps its split while the dataset grows.
 *
 * The first six bytes of SHA-256 of salt and group key, modulo a million, against the cumulative shares; listed groups are train.
 */
export function splitOf(groupKey: string, rule: SplitRule): Split {
  if (rule.toTrain.includes(groupKey)) return "train";
  // By way of hex: half the time of making a buffer, which shows where every row of a commit is split.
  const position = Number.parseInt(hash("sha256", rule.salt + groupKey).slice(0, 12), 16) % POSITIONS;
  // Rounded, since 0.9 + 0.05 is not 0.95 in binary and a group must not change sides over it.
  const trainEnd = Math.round(rule.ratios.train * POSITIONS);
  const validationEnd = Math.round((rule.ratios.train + rule.ratios.validation) * POSITIONS);
  if (position < trainEnd) return "train";
  return position < validationEnd ? "validation" : "test";
}
