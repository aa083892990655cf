import type { Extraction, Message, Steps } from "../schema/content.ts";
import type { Remark } from "../schema/finding.ts";
import { hasWords } from "../text/words.ts";
import { nothing, type Rule } from "./rule.ts";

/**
 * Refuses what has no words where words are needed: input, output, and every message of user or assistant.
 *
 * A turn of tool calls needs no words, nor does content that was no plain text, a system prompt, or the result of a tool: all of these
 * occur empty in good conversations. Chosen and rejected answers belong to `preference-incomplete`. An extraction may find nothing.
 */
export const emptyText: Rule = {
  name: "empty-text",
  severity: "error",
  rejects: true,
  check(example) {
    switch (example.kind) {
      case "chat":
        return all(emptyMessages(example.messages, "/messages"), missingTurns(example.messages, example.reference === undefined));
      case "preference":
        return [...emptyMessages(example.prompt, "/prompt"), ...missingTurns(example.prompt, false, "/prompt")];
      case "rating":
        return [
          ...emptyMessages(example.prompt, "/prompt"),
          ...missingTurns(example.prompt, false, "/prompt"),
          ...emptyMessages(example.completion, "/completion"),
          ...(example.completion.some(({ role }) => role === "assistant")
            ? nothing
            : [{ message: "there is no completion", at: "/completion" }]),
        ];
      case "text":
      case "classification":
        return emptyAt(example.text, "/text");
      case "extraction":
        return emptyParts(example);
      case "steps":
        return emptySteps(example);
    }
  },
};

/** Most examples have neither: no list is made for them. */
function all(some: readonly Remark[], others: readonly Remark[]): readonly Remark[] {
  return some.length === 0 ? others : [...some, ...others];
}

function emptyMessages(messages: readonly Message[], at: string): readonly Remark[] {
  if (messages.every((message) => mayBeEmpty(message) || hasWords(message.content))) return nothing;
  const remarks: Remark[] = [];
  for (const [index, message] of messages.entries()) {
    if (mayBeEmpty(message) || hasWords(message.content)) continue;
    remarks.push({ message: `the ${message.role} message has no words`, at: `${at}/${index}/content` });
  }
  return remarks;
}

function mayBeEmpty({ role, toolCalls, parts }: Message): boolean {
  return role === "system" || role === "tool" || toolCalls !== undefined || (parts !== undefined && parts.length > 0);
}

function missingTurns(messages: readonly Message[], wantsAnswer: boolean, at = "/messages"): readonly Remark[] {
  const remarks: Remark[] = [];
  if (!messages.some(({ role }) => role === "user")) remarks.push({ message: "there is no input: no user message", at });
  if (wantsAnswer && !messages.some(({ role }) => role === "assistant"))
    remarks.push({ message: "there is no output: no assistant message", at });
  return remarks;
}

function emptyParts({ document, items }: Extraction): readonly Remark[] {
  return [...emptyAt(document.content, "/document/content"), ...items.flatMap((item, index) => emptyAt(item.text, `/items/${index}/text`))];
}

function emptySteps({ prompt, steps }: Steps): readonly Remark[] {
  const missing = steps.length === 0 ? [{ message: "there are no steps", at: "/steps" }] : nothing;
  return [...emptyAt(prompt, "/prompt"), ...missing, ...steps.flatMap((step, index) => emptyAt(step.text, `/steps/${index}/text`))];
}

function emptyAt(text: string, at: string): readonly Remark[] {
  return hasWords(text) ? nothing : [{ message: "the text has no words", at }];
}
