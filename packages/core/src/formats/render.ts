import type { Chat, Content, Kind, Message, Tool, ToolCall } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import type { RenderTemplate } from "./format.ts";
import type { Draft } from "./reading.ts";

/** How a target wants messages. */
export interface Rendering {
  /** Arguments of tool calls: held once, parsed; the wrong form trains on text that is quoted twice. */
  readonly arguments: "text" | "object";
  /** Whether `weight` of a message is written. */
  readonly weight: boolean;
  /** Content of a turn that is only tool calls. */
  readonly empty: null | "";
}

/** OpenAI and those who read its rows: Azure, Together, Fireworks. */
export const openaiRendering: Rendering = { arguments: "text", weight: true, empty: null };

/**
 * TRL and whoever renders with a chat template: templates call `tojson` on arguments and concatenate content.
 *
 * @see {@link https://huggingface.co/docs/trl/dataset_formats | TRL, dataset formats}
 */
export const templateRendering: Rendering = { arguments: "object", weight: false, empty: "" };

/** A message as the target wants it, keys in a fixed order. */
export function renderMessage(message: Message, rendering: Rendering): JsonObject {
  const { role, content, toolCalls, toolCallId, name, weight } = message;
  const row: Draft<JsonObject> = { role, content: content === "" && toolCalls !== undefined ? rendering.empty : content };
  return Object.assign(
    row,
    toolCalls && { tool_calls: toolCalls.map((call) => renderCall(call, rendering)) },
    toolCallId !== undefined && { tool_call_id: toolCallId },
    name !== undefined && { name },
    rendering.weight && weight !== undefined && { weight },
  );
}

export function renderMessages(messages: readonly Message[], rendering: Rendering): readonly JsonObject[] {
  return messages.map((message) => renderMessage(message, rendering));
}

function renderCall({ id, name, arguments: held, argumentsText }: ToolCall, rendering: Rendering): JsonObject {
  const rendered: Json = rendering.arguments === "text" ? (argumentsText ?? JSON.stringify(held)) : exactIntegers(held);
  return { id, type: "function", function: { name, arguments: rendered } };
}

/** Tools as OpenAI, TRL and most others want them. */
export function renderTools(tools: readonly Tool[] = []): readonly JsonObject[] {
  return tools.map(({ name, description, parameters }) => ({
    type: "function",
    function: { name, description, parameters: exactIntegers(parameters) },
  }));
}

/**
 * A value whose integers beyond 2^53 are text.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259#section-6 | RFC 8259, section 6}: `datasets` and others hold such numbers as floats.
 */
export function exactIntegers(value: Json): Json {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(BigInt(value)) : value;
  if (value === null || typeof value !== "object" || !hasLargeInteger(value)) return value;
  if (Array.isArray(value)) return value.map((item: Json) => exactIntegers(item));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, exactIntegers(member)]));
}

/** Apart, since nearly no value has any and is then written as it is. */
function hasLargeInteger(value: Json): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return value !== null && typeof value === "object" && Object.values(value).some(hasLargeInteger);
}

/** True when some arguments are no object, which a target that wants one cannot take. */
export function hasArgumentsText(messages: readonly Message[]): boolean {
  return messages.some(({ toolCalls }) => toolCalls?.some(({ argumentsText }) => argumentsText !== undefined) === true);
}

/** True when tools are called or answered, declared or not. */
export function usesTools(messages: readonly Message[]): boolean {
  return messages.some(({ role, toolCalls }) => role === "tool" || toolCalls !== undefined);
}

/** Names of what some message holds and the target cannot say. */
export function messageLosses(messages: readonly Message[], cannot: readonly ("weight" | "reasoning" | "parts")[]): readonly string[] {
  return cannot.filter((member) =>
    messages.some((message) => (member === "weight" ? message.weight === 0 : message[member] !== undefined)),
  );
}

/** A chat made of another kind, with what it leaves out. */
export interface Rendered {
  readonly chat: Chat;
  readonly losses: readonly string[];
}

/**
 * The chat to write for an example of any kind: a chat itself, and an extraction or classification by its template.
 *
 * The instruction and the text become the user's turn, the items as JSON or the label the answer. Absent where there is no template.
 */
export function asChat(example: Content, render: Readonly<Partial<Record<Kind, RenderTemplate>>> = {}): Rendered | undefined {
  switch (example.kind) {
    case "chat":
      return { chat: example, losses: [] };
    case "extraction": {
      const items = example.items.map(({ text, category }) => ({ text, category }));
      const { url, title } = example.document;
      return exchange(render.extraction, example.document.content, JSON.stringify(items), (url ?? title) === undefined ? [] : ["document"]);
    }
    case "classification": {
      const { intent, sentiment, persona, categories } = example.labels;
      const [label, ...others] = [intent, sentiment, persona].filter((word) => word !== undefined);
      const losses = [
        ...(others.length > 0 || categories !== undefined ? ["labels"] : []),
        ...(example.entities.length > 0 ? ["entities"] : []),
      ];
      return label === undefined ? undefined : exchange(render.classification, example.text, label, losses);
    }
    case "preference":
    case "rating":
    case "text":
    case "steps":
      return undefined;
  }
}

function exchange(template: RenderTemplate | undefined, text: string, answer: string, losses: readonly string[]): Rendered | undefined {
  if (template === undefined) return undefined;
  const messages: readonly Message[] = [
    { role: "user", content: `${template.instruction}\n\n${text}` },
    { role: "assistant", content: answer },
  ];
  return { chat: { kind: "chat", messages }, losses };
}

/** A chat of one question and one answer, as formats without turns hold it. */
export interface Exchange {
  readonly system?: string;
  readonly question: string;
  readonly answer: string;
}

/** The exchange that a chat is, or the code of why it is none: `tools` or `turns`. */
export function plainExchange(chat: Chat): Exchange | "tools" | "turns" {
  if (chat.tools !== undefined || usesTools(chat.messages)) return "tools";
  const [system, rest] =
    chat.messages[0]?.role === "system" ? [chat.messages[0].content, chat.messages.slice(1)] : [undefined, chat.messages];
  const [question, answer] = rest;
  if (rest.length !== 2 || question?.role !== "user" || answer?.role !== "assistant") return "turns";
  const pair = { question: question.content, answer: answer.content };
  return system === undefined ? pair : { system, ...pair };
}

/** Names of members of a chat, beside its messages, that rows of messages do not hold. */
export function chatLosses(chat: Chat, members: readonly ("context" | "reference" | "parallelToolCalls")[]): readonly string[] {
  return members.filter((member) => chat[member] !== undefined);
}
