import { promptOf, replyOf } from "../schema/sides.ts";
import { newIntegerSet } from "../text/integer-set.ts";
import { hashedWords } from "./hashed.ts";
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
  check(example, { thresholds }) {
    if (example.kind !== "chat" && example.kind !== "preference" && example.kind !== "rating") return nothing;
    const prompt = promptOf(example);
    const reply = replyOf(example);
    if (prompt === undefined || reply === undefined) return nothing;
    const least = numberIn(thresholds, "minWords") ?? 0;
    const limit = numberIn(thresholds, "maxSimilarity") ?? 1;
    const similarity = echoOf(prompt.text, reply.text, least, limit);
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

/** Jaccard of the words of both; nothing where one has too few, or as soon as the reply has too many others. */
function echoOf(prompt: string, reply: string, least: number, limit: number): number | undefined {
  const asked = hashedWords(prompt);
  const answered = hashedWords(reply);
  if (asked.length < least || answered.length < least) return undefined;
  known.begin(asked.length);
  common.begin(answered.length);
  others.begin(answered.length);
  for (const word of asked) known.add(word);
  const mostOthers = known.size / limit - known.size;
  for (const word of answered) {
    if (known.has(word)) common.add(word);
    else if (others.add(word) && others.size > mostOthers) return undefined;
  }
  return common.size / (known.size + others.size);
}
