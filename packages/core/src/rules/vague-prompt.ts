import type { Message } from "../schema/content.ts";
import { wordHashes } from "../text/word-hashes.ts";
import { hashedWords } from "./memo.ts";
import { nothing, type Rule } from "./rule.ts";
import { stopWords } from "./stop-words.ts";
import { numberIn } from "./thresholds.ts";

/**
 * Tells of prompts that do not say what they are about: fewer than four different content words in the first message of the user, and no
 * term of the packs' subject. Document 4's "Vague or ambiguous queries"; the number is ours.
 *
 * Classifications are not looked at: their short queries are the point.
 */
export const vaguePrompt: Rule = {
  name: "vague-prompt",
  severity: "info",
  defaults: { minWords: 4 },
  check(example, { thresholds, countTerms, memo }) {
    if (example.kind !== "chat" && example.kind !== "preference") return nothing;
    const [messages, at] = example.kind === "chat" ? [example.messages, "/messages"] : [example.prompt, "/prompt"];
    const index = messages.findIndex(({ role }) => role === "user");
    const first: Message | undefined = messages[index];
    const least = numberIn(thresholds, "minWords") ?? 0;
    if (first === undefined || (first.parts !== undefined && first.parts.length > 0)) return nothing;
    const count = contentWords(hashedWords(first.content, memo), least);
    if (count >= least || (countTerms !== undefined && countTerms(first.content) > 0)) return nothing;
    return [{ message: `the first prompt has ${count} content words, fewer than ${least}`, at: `${at}/${index}/content` }];
  },
};

const stopHashes: ReadonlySet<number> = new Set([...stopWords].flatMap((word) => wordHashes(word)));

/** Different words that say something; stops counting once there are enough. */
function contentWords(hashes: readonly number[], enough: number): number {
  const found = new Set<number>();
  for (const word of hashes) {
    if (found.size >= enough) break;
    if (!stopHashes.has(word)) found.add(word);
  }
  return found.size;
}
