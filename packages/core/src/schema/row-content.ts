import { canonicalJson } from "../text/canonical.ts";
import type { Chat, Classification, Content, Extraction, Kind, Message, Preference, Rating, Span, Steps } from "./content.ts";
import { contentMembers, isBare } from "./content.ts";

/** The columns of a row that hold what an example says. */
export interface ContentColumns {
  readonly kind: Kind;
  readonly input_text: string;
  readonly output_text: string | null;
  readonly system_prompt: string | null;
  readonly context: string | null;
  readonly rejected_output: string | null;
  readonly preference_reason: string | null;
  /** JSON: the whole content, when the columns alone cannot rebuild it; the text columns are then only what lists and rules look at. */
  readonly body: string | null;
  readonly label: number | null;
  readonly intent: string | null;
  readonly sentiment: string | null;
  readonly persona: string | null;
  readonly categories: string | null;
  readonly entities: string | null;
}

const none = {
  output_text: null,
  system_prompt: null,
  context: null,
  rejected_output: null,
  preference_reason: null,
  body: null,
  label: null,
  intent: null,
  sentiment: null,
  persona: null,
  categories: null,
  entities: null,
} as const;

/** Writes content as columns. */
export function contentToColumns(content: Content): ContentColumns {
  switch (content.kind) {
    case "chat":
      return chatColumns(content);
    case "preference":
      return preferenceColumns(content);
    case "rating":
      return ratingColumns(content);
    case "text":
      return { ...none, kind: "text", input_text: content.text };
    case "classification":
      return classificationColumns(content);
    case "extraction":
      return extractionColumns(content);
    case "steps":
      return stepsColumns(content);
  }
}

/** Reads content back from columns; the inverse of {@link contentToColumns}. */
export function contentFromColumns(row: ContentColumns): Content {
  switch (row.kind) {
    case "chat":
      return row.body === null ? plainChat(row) : fromBody(row.kind, row.body);
    case "preference":
      return row.body === null ? plainPreference(row) : fromBody(row.kind, row.body);
    case "rating":
      return row.body === null ? plainRating(row) : fromBody(row.kind, row.body);
    case "text":
      return { kind: "text", text: row.input_text };
    case "classification":
      return classificationOf(row);
    case "extraction":
      return extractionOf(row);
    case "steps":
      return { kind: "steps", prompt: row.input_text, steps: parsed<{ steps: Steps["steps"] }>(row.body ?? '{"steps":[]}').steps };
  }
}

function chatColumns(chat: Chat): ContentColumns {
  const plain = isPlainExchange(chat.messages) && only(chat, ["messages", "context"]);
  return {
    ...none,
    kind: "chat",
    input_text: lastContent(chat.messages, "user") ?? "",
    output_text: lastContent(chat.messages, "assistant") ?? null,
    system_prompt: leadingSystem(chat.messages),
    context: chat.context ?? null,
    body: plain ? null : bodyOf(chat),
  };
}

function preferenceColumns(preference: Preference): ContentColumns {
  const plain =
    isPlainPrompt(preference.prompt) &&
    isPlainAnswer(preference.chosen) &&
    isPlainAnswer(preference.rejected) &&
    only(preference, ["prompt", "chosen", "rejected", "reason"]);
  return {
    ...none,
    kind: "preference",
    input_text: lastContent(preference.prompt, "user") ?? "",
    output_text: preference.chosen.at(-1)?.content ?? null,
    rejected_output: preference.rejected.at(-1)?.content ?? null,
    preference_reason: preference.reason ?? null,
    system_prompt: leadingSystem(preference.prompt),
    body: plain ? null : bodyOf(preference),
  };
}

function ratingColumns(rating: Rating): ContentColumns {
  const plain = isPlainPrompt(rating.prompt) && isPlainAnswer(rating.completion) && only(rating, ["prompt", "completion", "label"]);
  return {
    ...none,
    kind: "rating",
    input_text: lastContent(rating.prompt, "user") ?? "",
    output_text: rating.completion.at(-1)?.content ?? null,
    system_prompt: leadingSystem(rating.prompt),
    label: rating.label ? 1 : 0,
    body: plain ? null : bodyOf(rating),
  };
}

function classificationColumns(content: Classification): ContentColumns {
  const { labels } = content;
  return {
    ...none,
    kind: "classification",
    input_text: content.text,
    intent: labels.intent ?? null,
    sentiment: labels.sentiment ?? null,
    persona: labels.persona ?? null,
    categories: labels.categories === undefined ? null : canonicalJson(labels.categories),
    entities: content.entities.length === 0 ? null : canonicalJson(content.entities),
  };
}

function extractionColumns(content: Extraction): ContentColumns {
  const { content: text, ...place } = content.document;
  return {
    ...none,
    kind: "extraction",
    input_text: content.document.title ?? "",
    output_text: content.items.map((item) => item.text).join("\n"),
    context: text,
    body: canonicalJson({ document: place, items: content.items }),
  };
}

function stepsColumns(content: Steps): ContentColumns {
  return {
    ...none,
    kind: "steps",
    input_text: content.prompt,
    output_text: content.steps.map((step) => step.text).join("\n"),
    body: canonicalJson({ steps: content.steps }),
  };
}

function plainChat(row: ContentColumns): Chat {
  const messages: Message[] = [...plainPrompt(row), { role: "assistant", content: row.output_text ?? "" }];
  return row.context === null ? { kind: "chat", messages } : { kind: "chat", messages, context: row.context };
}

function plainPreference(row: ContentColumns): Preference {
  const sides = { prompt: plainPrompt(row), chosen: answer(row.output_text), rejected: answer(row.rejected_output) };
  return row.preference_reason === null
    ? { kind: "preference", ...sides }
    : { kind: "preference", ...sides, reason: row.preference_reason };
}

function plainRating(row: ContentColumns): Rating {
  return { kind: "rating", prompt: plainPrompt(row), completion: answer(row.output_text), label: row.label === 1 };
}

function classificationOf(row: ContentColumns): Classification {
  const labels = {
    ...(row.intent === null ? {} : { intent: row.intent }),
    ...(row.sentiment === null ? {} : { sentiment: row.sentiment }),
    ...(row.persona === null ? {} : { persona: row.persona }),
    ...(row.categories === null ? {} : { categories: parsed<readonly string[]>(row.categories) }),
  };
  return {
    kind: "classification",
    text: row.input_text,
    labels,
    entities: row.entities === null ? [] : parsed<readonly Span[]>(row.entities),
  };
}

function extractionOf(row: ContentColumns): Extraction {
  const body = parsed<{ document: { url?: string; title?: string }; items: Extraction["items"] }>(row.body ?? '{"document":{},"items":[]}');
  return { kind: "extraction", document: { ...body.document, content: row.context ?? "" }, items: body.items };
}

/** Exactly [system?, user, assistant], each nothing but a role and a text. */
function isPlainExchange(messages: readonly Message[]): boolean {
  const last = messages.at(-1);
  return last !== undefined && last.role === "assistant" && isBare(last) && isPlainPrompt(messages.slice(0, -1));
}

function isPlainPrompt(messages: readonly Message[]): boolean {
  const [first, second] = messages;
  if (messages.length === 1) return first !== undefined && first.role === "user" && isBare(first);
  if (messages.length !== 2 || first === undefined || second === undefined) return false;
  return first.role === "system" && isBare(first) && second.role === "user" && isBare(second);
}

function isPlainAnswer(messages: readonly Message[]): boolean {
  const [first] = messages;
  return messages.length === 1 && first !== undefined && first.role === "assistant" && isBare(first);
}

/** True when of the kind's members only the named ones are there. */
function only(content: Content, members: readonly string[]): boolean {
  return contentMembers[content.kind].every((member) => members.includes(member) || !(member in content));
}

function bodyOf(content: Content): string {
  const members: ReadonlyMap<string, unknown> = new Map(Object.entries(content));
  return canonicalJson(Object.fromEntries(contentMembers[content.kind].map((member) => [member, members.get(member)])));
}

function fromBody<K extends Kind>(kind: K, body: string): Extract<Content, { kind: K }> {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- written by bodyOf from content of this kind
  return { kind, ...parsed<object>(body) } as Extract<Content, { kind: K }>;
}

/** JSON of a column that only {@link contentToColumns} writes. */
function parsed<T>(text: string): T {
  const value: T = JSON.parse(text);
  return value;
}

function plainPrompt(row: ContentColumns): readonly Message[] {
  const user: Message = { role: "user", content: row.input_text };
  return row.system_prompt === null ? [user] : [{ role: "system", content: row.system_prompt }, user];
}

function answer(text: string | null): readonly Message[] {
  return [{ role: "assistant", content: text ?? "" }];
}

function lastContent(messages: readonly Message[], role: Message["role"]): string | undefined {
  return messages.findLast((message) => message.role === role)?.content;
}

function leadingSystem(messages: readonly Message[]): string | null {
  const [first] = messages;
  return first?.role === "system" ? first.content : null;
}
