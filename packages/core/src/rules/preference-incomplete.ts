import type { Message } from "../schema/content.ts";
import type { Remark } from "../schema/finding.ts";
import { hasWords } from "../text/words.ts";
import { nothing, type Rule } from "./rule.ts";

/** Refuses a preference that lacks one of the two answers it compares; an answer of tool calls alone counts as one. */
export const preferenceIncomplete: Rule = {
  name: "preference-incomplete",
  severity: "error",
  rejects: true,
  check(example) {
    if (example.kind !== "preference") return nothing;
    return [...missing(example.chosen, "chosen"), ...missing(example.rejected, "rejected")];
  },
};

function missing(messages: readonly Message[], side: "chosen" | "rejected"): readonly Remark[] {
  if (messages.some(isAnswer)) return nothing;
  return [{ message: `the ${side} answer is missing`, at: `/${side}` }];
}

function isAnswer({ role, content, toolCalls, parts }: Message): boolean {
  return role === "assistant" && (hasWords(content) || toolCalls !== undefined || (parts !== undefined && parts.length > 0));
}
