import { replyOf } from "../schema/sides.ts";
import { nothing, type Rule } from "./rule.ts";
import { numberIn } from "./thresholds.ts";

/**
 * Tells of prose that is hard to read: LIX above 70, of at least 30 words. Code, code blocks and addresses do not count.
 *
 * LIX = words per sentence + 100 x share of words over six letters. A line is a sentence at least, so lists are not one long one.
 *
 * @see Bjoernsson, Laesbarhet, 1968; document 2's "clarity". Over 70 are 0 to 7 % of the replies of public sets, over 60 up to 20 %.
 */
export const readability: Rule = {
  name: "readability",
  severity: "info",
  defaults: { maxLix: 70, minWords: 30 },
  check(example, { thresholds }) {
    if (example.domain === "code" || example.kind === "text" || example.kind === "extraction") return nothing;
    const reply = replyOf(example);
    if (reply === undefined || reply.text.length < SHORTEST) return nothing;
    const { lix, words } = measure(proseOf(reply.text));
    if (words < (numberIn(thresholds, "minWords") ?? 0) || lix <= (numberIn(thresholds, "maxLix") ?? Infinity)) return nothing;
    return [{ message: `the reply is hard to read: LIX ${Math.round(lix)}`, at: reply.at }];
  },
};

/** Thirty words with a blank between each two cannot be shorter. */
const SHORTEST = 59;

function proseOf(text: string): string {
  const prose = text.includes("```") ? text.replaceAll(/^ {0,3}```[^]*?(?:^ {0,3}```|$(?![^]))/gm, "\n") : text;
  return prose.includes("://") ? prose.replaceAll(/\bhttps?:\/\/\S{1,2000}/g, "") : prose;
}

/** One pass. Letters and digits beyond ASCII count as letters; a mark ends a sentence before white space or the end. */
function measure(text: string): { readonly lix: number; readonly words: number } {
  let words = 0;
  let long = 0;
  let sentences = 0;
  let wordsInSentence = 0;
  let length = 0;
  let previous = 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : LINE_FEED;
    const kind = unit < 128 ? (KINDS[unit] ?? 0) : LETTER;
    if (kind === LETTER) length++;
    else {
      if (length > 0) {
        words++;
        wordsInSentence++;
        if (length > 6) long++;
        length = 0;
      }
      if (kind === SPACE && wordsInSentence > 0 && (unit === LINE_FEED || previous === END)) {
        sentences++;
        wordsInSentence = 0;
      }
    }
    // A bracket or quotation mark after the end of a sentence belongs to it.
    if (kind !== CLOSER) previous = kind;
  }
  return { lix: words === 0 ? 0 : words / Math.max(1, sentences) + (100 * long) / words, words };
}

const LINE_FEED = 10;
const LETTER = 1;
const SPACE = 2;
const END = 3;
const CLOSER = 4;
const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  if (/\w/.test(character)) return LETTER;
  if (/\s/.test(character)) return SPACE;
  if (/[.!?:]/.test(character)) return END;
  return /["')\]]/.test(character) ? CLOSER : 0;
});
