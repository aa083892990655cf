import { replyOf } from "../schema/sides.ts";
import { repeatedTrigramShare } from "../text/trigrams.ts";
import { hashedWords } from "./memo.ts";
import { nothing, type Rule } from "./rule.ts";
import { numberIn } from "./thresholds.ts";

/**
 * Flags replies that say the same words again and again: more than 30 % of their word 3-grams stood in them before.
 *
 * @see Document 3, "Validation Checks"; 0 to 3 % of the replies of public sets are above it.
 */
export const repetition: Rule = {
  name: "repetition",
  severity: "warning",
  defaults: { maxShare: 0.3 },
  check(example, { thresholds, memo }) {
    const reply = replyOf(example);
    if (reply === undefined) return nothing;
    const share = repeatedTrigramShare(hashedWords(reply.text, memo));
    if (share <= (numberIn(thresholds, "maxShare") ?? 1)) return nothing;
    return [{ message: `${Math.round(100 * share)} % of the three-word sequences repeat earlier ones`, at: reply.at }];
  },
};
