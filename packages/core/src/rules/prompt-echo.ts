import { promptOf, replyOf } from "../schema/sides.ts";
import { addTo, emptySet, isIn, newIntegerSet } from "../text/integer-set.ts";
import { hashedWords } from "./memo.ts";
import { nothing, type Rule } from "./rule.ts";
import { numberIn } from "./thresholds.ts";

/**
 * Flags replies that only say the prompt again: more than 80 % of the words of both are common, with at least five words each.
 *
 * Prompts that ask for the same text in another form are passed over.
 */
export const promptEcho: Rule = {
  name: "prompt-echo",
  severity: "warning",
  defaults: { maxSimilarity: 0.8, minWords: 5 },
  check(example, { thresholds, memo }) {
    if (example.kind !== "chat" && example.kind !== "preference" && example.kind !== "rating") return nothing;
    const prompt = promptOf(example);
    const reply = replyOf(example);
    if (prompt === undefined || reply === undefined) return nothing;
    const least = numberIn(thresholds, "minWords") ?? 0;
    const limit = numberIn(thresholds, "maxSimilarity") ?? 1;
    const similarity = echoOf(hashedWords(prompt.text, memo), hashedWords(reply.text, memo), least, limit);
    if (similarity === undefined || similarity <= limit || REWRITING.test(prompt.text)) return nothing;
    return [{ message: `the reply shares ${Math.round(100 * similarity)} % of its words with the prompt`, at: reply.at }];
  },
};

const REWRITING =
  /\b(?:re-?write|re-?phrase|paraphrase|translate|correct|proof-?read|edit|fix|improve|repeat|copy|format|convert|summari[sz]e|simplify)/i;

/** Kept between examples: making them costs more than using them. */
const known = newIntegerSet();
const common = newIntegerSet();
const others = newIntegerSet();

/** Jaccard of the hashed words of both; nothing where one has too few, or as soon as the reply has too many others. */
function echoOf(asked: readonly number[], answered: readonly number[], least: number, limit: number): number | undefined {
  if (asked.length < least || answered.length < least) return undefined;
  emptySet(known, asked.length);
  emptySet(common, answered.length);
  emptySet(others, answered.length);
  for (const word of asked) addTo(known, word);
  const mostOthers = known.size / limit - known.size;
  for (const word of answered) {
    if (isIn(known, word)) addTo(common, word);
    else if (addTo(others, word) && others.size > mostOthers) return undefined;
  }
  return common.size / (known.size + others.size);
}
