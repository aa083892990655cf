import type { Message } from "../schema/content.ts";
import type { Remark } from "../schema/finding.ts";
import { nothing, type Rule } from "./rule.ts";
import { conversationsOf } from "./texts.ts";

/** Finds conversations that could not have happened: an answer before any question, two system prompts, a tool's result that no call asked for. */
export const roleOrder: Rule = {
  name: "role-order",
  severity: "error",
  check(example) {
    if (example.kind === "chat" && isPlain(example.messages)) return nothing;
    const remarks = conversationsOf(example).flatMap(({ messages, at }) =>
      disorder(messages).map(({ message, index }) => ({ message, at: at(index) })),
    );
    // A preference tells of its prompt once, though both its conversations begin with it.
    return remarks.filter(
      (remark, index) => remarks.findIndex(({ at, message }) => at === remark.at && message === remark.message) === index,
    );
  },
};

/** A question and its answer, perhaps with a system prompt: most chats. */
function isPlain(messages: readonly Message[]): boolean {
  const first = messages[0]?.role === "system" ? 1 : 0;
  return messages.length === first + 2 && messages[first]?.role === "user" && messages[first + 1]?.role === "assistant";
}

interface Disorder extends Pick<Remark, "message"> {
  readonly index: number;
}

function disorder(messages: readonly Message[]): readonly Disorder[] {
  const found: Disorder[] = [];
  const calls = new Set<string>();
  let asked = false;
  let systems = 0;
  for (const [index, { role, toolCalls, toolCallId }] of messages.entries()) {
    if (role === "user") asked = true;
    if (role === "assistant" && !asked && !found.some(({ message }) => message === TOO_EARLY)) found.push({ message: TOO_EARLY, index });
    if (role === "system" && ++systems === 2) found.push({ message: "there is more than one system message", index });
    if (role === "tool" && (toolCallId === undefined ? calls.size === 0 : !calls.has(toolCallId)))
      found.push({ message: "the result of a tool answers no call", index });
    for (const { id } of toolCalls ?? []) calls.add(id);
  }
  return found;
}

const TOO_EARLY = "the assistant speaks before any user";
