import type { Content, Message } from "../schema/content.ts";
import type { Place } from "../schema/sides.ts";

/** Every text that people or models wrote in an example, in order, with where it lies. */
export function allTexts(content: Content): readonly Place[] {
  switch (content.kind) {
    case "chat":
      return messageTexts(content.messages, "/messages");
    case "preference":
      return [
        ...messageTexts(content.prompt, "/prompt"),
        ...messageTexts(content.chosen, "/chosen"),
        ...messageTexts(content.rejected, "/rejected"),
      ];
    case "rating":
      return [...messageTexts(content.prompt, "/prompt"), ...messageTexts(content.completion, "/completion")];
    case "text":
    case "classification":
      return [{ text: content.text, at: "/text" }];
    case "extraction":
      return [
        { text: content.document.content, at: "/document/content" },
        ...content.items.map(({ text }, index) => ({ text, at: `/items/${index}/text` })),
      ];
    case "steps":
      return [{ text: content.prompt, at: "/prompt" }, ...content.steps.map(({ text }, index) => ({ text, at: `/steps/${index}/text` }))];
  }
}

/** The runs of messages an example consists of: a preference has two, which share their beginning. */
export function conversationsOf(
  content: Content,
): readonly { readonly messages: readonly Message[]; readonly at: (index: number) => string }[] {
  switch (content.kind) {
    case "chat":
      return [{ messages: content.messages, at: (index) => `/messages/${index}` }];
    case "preference":
      return [continued(content.prompt, content.chosen, "chosen"), continued(content.prompt, content.rejected, "rejected")];
    case "rating":
      return [continued(content.prompt, content.completion, "completion")];
    case "text":
    case "classification":
    case "extraction":
    case "steps":
      return [];
  }
}

function continued(
  prompt: readonly Message[],
  answer: readonly Message[],
  name: string,
): { readonly messages: readonly Message[]; readonly at: (index: number) => string } {
  return {
    messages: [...prompt, ...answer],
    at: (index) => (index < prompt.length ? `/prompt/${index}` : `/${name}/${index - prompt.length}`),
  };
}

function messageTexts(messages: readonly Message[], at: string): Place[] {
  const places: Place[] = [];
  for (let index = 0; index < messages.length; index++) {
    const { content = "", reasoning } = messages[index] ?? {};
    places.push({ text: content, at: `${at}/${index}/content` });
    if (reasoning !== undefined) places.push({ text: reasoning, at: `${at}/${index}/reasoning` });
  }
  return places;
}
