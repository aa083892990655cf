import type { Remark } from "../schema/finding.ts";
import type { Message } from "../schema/content.ts";
import { trigramSimilarity } from "../text/trigrams.ts";
import { wordHashes } from "../text/word-hashes.ts";
import { codePointLength } from "../text/words.ts";
import { nothing, type Rule } from "./rule.ts";
import { numberIn } from "./thresholds.ts";

/**
 * Flags preferences whose answers hardly differ, and those that differ above all in length, from which a model learns to be long or short.
 *
 * Document 3 wants them "meaningfully different"; the numbers are ours. The same answer twice belongs to `preference-equal`.
 */
export const preferenceClose: Rule = {
  name: "preference-close",
  severity: "warning",
  defaults: { maxSimilarity: 0.95, maxLengthRatio: 5 },
  check(example, { thresholds }) {
    if (example.kind !== "preference") return nothing;
    const [chosen, rejected] = [textOf(example.chosen), textOf(example.rejected)];
    if (chosen === "" || rejected === "" || chosen === rejected) return nothing;
    return [
      ...tooSimilar(chosen, rejected, numberIn(thresholds, "maxSimilarity")),
      ...tooUneven(chosen, rejected, numberIn(thresholds, "maxLengthRatio")),
    ];
  },
};

function tooSimilar(chosen: string, rejected: string, limit = Infinity): readonly Remark[] {
  const similarity = trigramSimilarity(wordHashes(chosen), wordHashes(rejected));
  return similarity < limit
    ? nothing
    : [{ message: `chosen and rejected share ${Math.floor(100 * similarity)} % of their three-word sequences`, at: "/rejected" }];
}

function tooUneven(chosen: string, rejected: string, limit = Infinity): readonly Remark[] {
  const lengths = [codePointLength(chosen), codePointLength(rejected)];
  const ratio = Math.max(...lengths) / Math.min(...lengths);
  return ratio <= limit ? nothing : [{ message: `one answer is ${ratio.toFixed(1)} times as long as the other`, at: "/chosen" }];
}

function textOf(messages: readonly Message[]): string {
  return messages
    .map(({ content }) => content.trim())
    .join("\n")
    .trim();
}
