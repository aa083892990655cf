import type { Message } from "../schema/content.ts";
import type { Remark } from "../schema/finding.ts";
import { codePointLength } from "../text/words.ts";
import { nothing, type Rule } from "./rule.ts";
import { numberIn } from "./thresholds.ts";

/**
 * Flags prompts and responses with fewer characters than the packs ask for, and texts; silent where they ask for nothing.
 *
 * Of a conversation all that the user says is the prompt, so a short follow-up is none; the response is the last answer, and an answer
 * that calls a tool has no length to speak of.
 *
 * @see Document 4, QUALITY_FILTERS: 10 and 50.
 */
export const tooShort: Rule = {
  name: "too-short",
  severity: "warning",
  defaults: { min_prompt_length: null, min_response_length: null, minTextLength: null },
  check(example, { thresholds }) {
    const least = { prompt: numberIn(thresholds, "min_prompt_length") ?? 0, response: numberIn(thresholds, "min_response_length") ?? 0 };
    switch (example.kind) {
      case "chat":
        return [
          ...shortPrompt(example.messages, "/messages", least.prompt),
          ...shortResponse(example.messages, "/messages", least.response),
        ];
      case "preference":
        return [...shortPrompt(example.prompt, "/prompt", least.prompt), ...shortResponse(example.chosen, "/chosen", least.response)];
      case "rating":
        return [
          ...shortPrompt(example.prompt, "/prompt", least.prompt),
          ...shortResponse(example.completion, "/completion", least.response),
        ];
      case "text":
      case "classification":
        return short("text", codePointLength(example.text), numberIn(thresholds, "minTextLength") ?? 0, "/text");
      case "extraction":
      case "steps":
        return nothing;
    }
  },
};

function shortPrompt(messages: readonly Message[], at: string, least: number): readonly Remark[] {
  let length = 0;
  for (const { role, content } of messages) {
    if (role !== "user") continue;
    // A character is at most two UTF-16 units, so most prompts need no counting.
    if (content.length >= 2 * least) return nothing;
    length += codePointLength(content);
  }
  return short("prompt", length, least, at);
}

function shortResponse(messages: readonly Message[], at: string, least: number): readonly Remark[] {
  const index = messages.findLastIndex(({ role }) => role === "assistant");
  const answer = messages[index];
  if (answer === undefined || answer.toolCalls !== undefined || answer.content.length >= 2 * least) return nothing;
  return short("response", codePointLength(answer.content), least, `${at}/${index}/content`);
}

function short(what: string, length: number, least: number, at: string): readonly Remark[] {
  return length >= least ? nothing : [{ message: `the ${what} has ${length} characters, at least ${least} are wanted`, at }];
}
