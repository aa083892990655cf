import type { Content, Message } from "./content.ts";

/** A piece of text and where it lies. */
export interface Place {
  readonly text: string;
  /** JSON pointer into the example. */
  readonly at: string;
}

/**
 * What the model is to answer: the last message of the user; the prompt of a `steps`, the text of a `classification`, the document of an
 * `extraction`. Absent where a kind has none, or no user has spoken.
 */
export function promptOf(content: Content): Place | undefined {
  switch (content.kind) {
    case "chat":
      return lastOf(content.messages, "user", "/messages");
    case "preference":
    case "rating":
      return lastOf(content.prompt, "user", "/prompt");
    case "text":
      return undefined;
    case "classification":
      return { text: content.text, at: "/text" };
    case "extraction":
      return { text: content.document.content, at: "/document/content" };
    case "steps":
      return { text: content.prompt, at: "/prompt" };
  }
}

/**
 * What the model is to say: the last assistant message, of a preference the chosen one, or the whole of a `text`; the texts of items and
 * steps joined by line ends. Absent where there is none, and for `classification`, whose answer is a label.
 */
export function replyOf(content: Content): Place | undefined {
  switch (content.kind) {
    case "chat":
      return lastOf(content.messages, "assistant", "/messages");
    case "preference":
      return lastOf(content.chosen, "assistant", "/chosen");
    case "rating":
      return lastOf(content.completion, "assistant", "/completion");
    case "text":
      return { text: content.text, at: "/text" };
    case "classification":
      return undefined;
    case "extraction":
      return content.items.length === 0 ? undefined : { text: joined(content.items), at: "/items" };
    case "steps":
      return content.steps.length === 0 ? undefined : { text: joined(content.steps), at: "/steps" };
  }
}

/**
 * All that user and model say to each other, in order, joined by spaces: what keywords are looked for in.
 *
 * Without system prompts, which name the subject whatever is asked, without results of tools, and without rejected answers.
 */
export function spokenText(content: Content): string {
  switch (content.kind) {
    case "chat":
      return spoken(content.messages, "");
    case "preference":
      return spoken(content.chosen, spoken(content.prompt, ""));
    case "rating":
      return spoken(content.completion, spoken(content.prompt, ""));
    case "text":
    case "classification":
      return content.text;
    case "extraction":
      return content.items.length === 0 ? content.document.content : `${content.document.content} ${joined(content.items)}`;
    case "steps":
      return content.steps.length === 0 ? content.prompt : `${content.prompt} ${joined(content.steps)}`;
  }
}

function spoken(messages: readonly Message[], before: string): string {
  let text = before;
  let begun = before !== "";
  for (const message of messages) {
    if (message.role !== "user" && message.role !== "assistant") continue;
    text = begun ? `${text} ${message.content}` : message.content;
    begun = true;
  }
  return text;
}

function lastOf(messages: readonly Message[], role: "user" | "assistant", at: string): Place | undefined {
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (message?.role === role) return { text: message.content, at: `${at}/${i}/content` };
  }
  return undefined;
}

function joined(parts: readonly { readonly text: string }[]): string {
  return parts.map((part) => part.text).join("\n");
}
