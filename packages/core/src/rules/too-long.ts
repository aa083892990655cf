import type { Content, Message } from "../schema/content.ts";
import { codePointLength } from "../text/words.ts";
import { nothing, type Rule } from "./rule.ts";
import { numberIn } from "./thresholds.ts";

/**
 * Refuses examples of more than 32 000 characters in input and output together, code points counted.
 *
 * Of a chat every message counts, of a preference the prompt and the longer answer.
 */
export const tooLong: Rule = {
  name: "too-long",
  severity: "error",
  rejects: true,
  defaults: { maxLength: 32_000 },
  check(example, { thresholds }) {
    const limit = numberIn(thresholds, "maxLength") ?? Infinity;
    // UTF-16 units are never fewer than code points, and counted for free.
    if (lengthOf(example, (text) => text.length) <= limit) return nothing;
    const length = lengthOf(example, codePointLength);
    return length <= limit ? nothing : [{ message: `${length} characters in input and output, at most ${limit} are allowed`, at: "" }];
  },
};

type Measure = (text: string) => number;

function lengthOf(content: Content, measure: Measure): number {
  switch (content.kind) {
    case "chat":
      return messagesLength(content.messages, measure);
    case "preference":
      return (
        messagesLength(content.prompt, measure) +
        Math.max(messagesLength(content.chosen, measure), messagesLength(content.rejected, measure))
      );
    case "rating":
      return messagesLength(content.prompt, measure) + messagesLength(content.completion, measure);
    case "text":
    case "classification":
      return measure(content.text);
    case "extraction":
      return content.items.reduce((sum, item) => sum + measure(item.text), measure(content.document.content));
    case "steps":
      return content.steps.reduce((sum, step) => sum + measure(step.text), measure(content.prompt));
  }
}

function messagesLength(messages: readonly Message[], measure: Measure): number {
  let length = 0;
  for (const { content } of messages) length += measure(content);
  return length;
}
