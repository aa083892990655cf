import type { Remark } from "../schema/finding.ts";
import { replyOf } from "../schema/sides.ts";
import { words } from "../text/words.ts";
import { unclosedBracket, unclosedFence } from "./code.ts";
import { nothing, type Rule } from "./rule.ts";

/**
 * Flags replies that break off: an ellipsis at the end, a code block or bracket that is never closed, or more than 50 words of prose
 * without a mark at their end.
 *
 * Posts may end as they like. The last line decides what is prose: not a list, a heading, a table, a label and what it says, the end of a
 * letter, or under five words.
 */
export const truncated: Rule = {
  name: "truncated",
  severity: "warning",
  check(example) {
    if (example.kind === "extraction" || example.kind === "steps" || (example.kind === "text" && example.features !== undefined))
      return nothing;
    const reply = replyOf(example);
    const problem = reply === undefined ? undefined : breakIn(reply.text.trimEnd(), example.domain === "code");
    return reply === undefined || problem === undefined ? nothing : [remarkOf(problem, reply.at)];
  },
};

function breakIn(text: string, isCode: boolean): string | undefined {
  if (text.endsWith("...") || text.endsWith("…")) return "ends in an ellipsis";
  if (unclosedFence(text)) return "ends inside a code block";
  const lastLine = text.slice(text.lastIndexOf("\n") + 1);
  const fenced = text.includes("```");
  // In prose an old unclosed bracket is a slip; only one in the last line tells of a break.
  if (unclosedBracket(isCode && !fenced ? text : lastLine.replaceAll(INLINE_CODE, "")) !== undefined) return "ends inside a bracket";
  return !isCode && endsInMidSentence(text, lastLine) ? "has no mark at the end of its last sentence" : undefined;
}

function endsInMidSentence(text: string, lastLine: string): boolean {
  // Any letter may end a reply; a mark, a symbol or an emoji closes it.
  if (!/[\p{L}\p{N},]$/u.test(text)) return false;
  if (NO_PROSE.test(lastLine) || SIGN_OFF.test(lastLine)) return false;
  return words(lastLine).length >= 5 && words(text).length > 50;
}

const INLINE_CODE = /`[^`\n]*`/g;
const NO_PROSE = /^\s*(?:[-*•+>#|=]|\d+[.)]|```|[^.:]{1,20}:)|:\/\/\S*$/;
const SIGN_OFF =
  /\b(?:sincerely|regards|wishes|faithfully|truly|cheers|yours|love|thanks|thank you|hope|respectfully|cordially)\b[^.!?]{0,80}$/i;

function remarkOf(problem: string, at: string): Remark {
  return { message: `the reply ${problem}`, at };
}
