import { canonicalJson } from "../text/canonical.ts";
import { sha256Half } from "../text/hash.ts";
import { identityText } from "../text/normalize.ts";
import type { Chat, Content, Message } from "./content.ts";
import { contentMembers, isBare } from "./content.ts";

/** Both identities of a content, 16 bytes each. */
export interface Identity {
  readonly contentHash: Uint8Array<ArrayBuffer>;
  readonly inputHash: Uint8Array<ArrayBuffer>;
}

/**
 * Computes what makes two examples the same.
 *
 * `contentHash` covers every member of the kind: equal = duplicate. `inputHash` covers the prompt side alone, without the kind, so that a
 * correction, its preference and its original share it: equal input with other content is a conflict. Strings count in NFC with `\n` line
 * ends, nothing is trimmed. Linear in the content.
 */
export function identityOf(content: Content): Identity {
  if (content.kind === "chat" && isMessagesAlone(content)) return chatIdentity(content.messages);
  return { contentHash: sha256Half(wholeContent(content)), inputHash: sha256Half(promptSide(content)) };
}

function isMessagesAlone({ tools, context, parallelToolCalls, reference }: Chat): boolean {
  return tools === undefined && context === undefined && parallelToolCalls === undefined && reference === undefined;
}

/** What both canonical texts of a chat have in common is written once. */
function chatIdentity(messages: readonly Message[]): Identity {
  const before = beforeAnswer(messages);
  const asked = joinedMessages(before);
  const all = before.length === messages.length ? asked : joinedMessages(messages.slice(-1), asked);
  return { contentHash: sha256Half(`{"content":{"messages":[${all}]},"kind":"chat"}`), inputHash: sha256Half(`[${asked}]`) };
}

/** Canonical JSON of `{ content, kind }`; the members of a kind are fixed, so common fields beside them do not count. */
function wholeContent(content: Content): string {
  const members: ReadonlyMap<string, unknown> = new Map(Object.entries(content));
  const held = Object.fromEntries(contentMembers[content.kind].map((member) => [member, members.get(member)]));
  return canonicalJson({ kind: content.kind, content: held }, identityText);
}

function promptSide(content: Content): string {
  switch (content.kind) {
    case "chat":
      return messagesText(beforeAnswer(content.messages));
    case "preference":
    case "rating":
      return messagesText(content.prompt);
    case "text":
    case "classification":
      return identityText(content.text);
    case "extraction":
      return identityText(content.document.content);
    case "steps":
      return messagesText([{ role: "user", content: content.prompt }]);
  }
}

/** The messages before the last answer; all of them where no answer stands at the end. */
export function beforeAnswer(messages: readonly Message[]): readonly Message[] {
  return messages.at(-1)?.role === "assistant" ? messages.slice(0, -1) : messages;
}

function messagesText(messages: readonly Message[]): string {
  return `[${joinedMessages(messages)}]`;
}

function joinedMessages(messages: readonly Message[], before = ""): string {
  let text = before;
  for (const message of messages) text = text === "" ? messageText(message) : `${text},${messageText(message)}`;
  return text;
}

/** Canonical JSON of a message; of a role and a text, as most are, it needs no sorting. */
function messageText(message: Message): string {
  if (!isBare(message)) return canonicalJson(message, identityText);
  return `{"content":${JSON.stringify(identityText(message.content))},"role":"${message.role}"}`;
}
