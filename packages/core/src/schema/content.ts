import { z } from "zod";
import type { Json, JsonObject } from "./json.ts";

/** What an example is. The seven kinds cover every record of the founding documents. */
export const kinds = ["chat", "preference", "rating", "text", "classification", "extraction", "steps"] as const;
export type Kind = (typeof kinds)[number];

export type Role = "system" | "user" | "assistant" | "tool";

/** One call of a tool; arguments are held once, parsed, and rendered as each target wants them. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
  /** Only when the foreign text was no JSON object; `arguments` is then `{}`. */
  readonly argumentsText?: string;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
}

export interface Message {
  readonly role: Role;
  /** `""` when an assistant turn is only tool calls; never absent. */
  readonly content: string;
  /** Thinking text, kept out of `content`. */
  readonly reasoning?: string;
  /** Assistant only, one or more; several are parallel calls. */
  readonly toolCalls?: readonly ToolCall[];
  /** Tool only: the call it answers. */
  readonly toolCallId?: string;
  readonly name?: string;
  /** Assistant only: 0 = shown but not trained. A loss mask, not the example's weight. */
  readonly weight?: 0 | 1;
  /** Only if the foreign content was not plain text: kept for round trips, not rendered. */
  readonly parts?: readonly Json[];
}

/** A labelled piece of a text, in code points, end exclusive. */
export interface Span {
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly surface: string;
}

export interface Labels {
  readonly intent?: string;
  readonly sentiment?: string;
  readonly persona?: string;
  readonly categories?: readonly string[];
}

export interface Chat {
  readonly kind: "chat";
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly context?: string;
  readonly parallelToolCalls?: boolean;
  /** The gold answer of reinforcement rows; the last message is then a user's. */
  readonly reference?: JsonObject;
}

export interface Preference {
  readonly kind: "preference";
  readonly prompt: readonly Message[];
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
  readonly reason?: string;
  readonly margin?: number;
  readonly tools?: readonly Tool[];
}

export interface Rating {
  readonly kind: "rating";
  readonly prompt: readonly Message[];
  readonly completion: readonly Message[];
  readonly label: boolean;
  readonly tools?: readonly Tool[];
}

export interface Text {
  readonly kind: "text";
  readonly text: string;
}

export interface Classification {
  readonly kind: "classification";
  readonly text: string;
  readonly labels: Labels;
  /** Overlaps are allowed here; some export formats refuse them. */
  readonly entities: readonly Span[];
}

/** One finding drawn from a source; `id` is what feedback names. */
export interface Item {
  readonly id: string;
  readonly text: string;
  readonly category: string;
}

export interface Extraction {
  readonly kind: "extraction";
  /** Not `source`, which is the record's own word among the common fields. `content` is cut at 8,000 code points. */
  readonly document: { readonly url?: string; readonly title?: string; readonly content: string };
  readonly items: readonly Item[];
}

export interface Steps {
  readonly kind: "steps";
  readonly prompt: string;
  readonly steps: readonly { readonly text: string; readonly correct: boolean }[];
}

/** What an example says, without who said it, when and how good it is. */
export type Content = Chat | Preference | Rating | Text | Classification | Extraction | Steps;

const json: z.ZodType<Json> = z.json();
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json);

export const toolCallSchema: z.ZodType<ToolCall> = z.strictObject({
  id: z.string(),
  name: z.string(),
  arguments: jsonObject,
  argumentsText: z.exactOptional(z.string()),
});

export const toolSchema: z.ZodType<Tool> = z.strictObject({ name: z.string(), description: z.string(), parameters: jsonObject });

export const messageSchema: z.ZodType<Message> = z.strictObject({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string(),
  reasoning: z.exactOptional(z.string()),
  toolCalls: z.exactOptional(z.array(toolCallSchema).min(1)),
  toolCallId: z.exactOptional(z.string()),
  name: z.exactOptional(z.string()),
  weight: z.exactOptional(z.union([z.literal(0), z.literal(1)])),
  parts: z.exactOptional(z.array(json)),
});

const messages = z.array(messageSchema).min(1);
const tools = z.exactOptional(z.array(toolSchema));

export const spanSchema: z.ZodType<Span> = z.strictObject({ label: z.string(), start: z.int(), end: z.int(), surface: z.string() });

const chat = z.strictObject({
  kind: z.literal("chat"),
  messages,
  tools,
  context: z.exactOptional(z.string()),
  parallelToolCalls: z.exactOptional(z.boolean()),
  reference: z.exactOptional(jsonObject),
});
const preference = z.strictObject({
  kind: z.literal("preference"),
  prompt: messages,
  chosen: z.array(messageSchema),
  rejected: z.array(messageSchema),
  reason: z.exactOptional(z.string()),
  margin: z.exactOptional(z.number()),
  tools,
});
const rating = z.strictObject({
  kind: z.literal("rating"),
  prompt: messages,
  completion: z.array(messageSchema),
  label: z.boolean(),
  tools,
});
const text = z.strictObject({ kind: z.literal("text"), text: z.string() });
const classification = z.strictObject({
  kind: z.literal("classification"),
  text: z.string(),
  labels: z.strictObject({
    intent: z.exactOptional(z.string()),
    sentiment: z.exactOptional(z.string()),
    persona: z.exactOptional(z.string()),
    categories: z.exactOptional(z.array(z.string())),
  }),
  entities: z.array(spanSchema),
});
const extraction = z.strictObject({
  kind: z.literal("extraction"),
  document: z.strictObject({ url: z.exactOptional(z.string()), title: z.exactOptional(z.string()), content: z.string() }),
  items: z.array(z.strictObject({ id: z.string(), text: z.string(), category: z.string() })),
});
const steps = z.strictObject({
  kind: z.literal("steps"),
  prompt: z.string(),
  steps: z.array(z.strictObject({ text: z.string(), correct: z.boolean() })),
});

/** The members of every kind, to be extended with common fields. */
export const contentShapes = { chat, preference, rating, text, classification, extraction, steps } as const;

/** Parses foreign JSON into content; unknown members are refused. */
export const contentSchema: z.ZodType<Content> = z.discriminatedUnion("kind", [
  chat,
  preference,
  rating,
  text,
  classification,
  extraction,
  steps,
]);

/** True for a message that is nothing but a role and a text, as most are. */
export function isBare(message: Message): boolean {
  for (const name in message) if (name !== "role" && name !== "content") return false;
  return true;
}

/** The members that make up each kind, in the order they are written. */
export const contentMembers: { readonly [K in Kind]: readonly string[] } = {
  chat: ["messages", "tools", "context", "parallelToolCalls", "reference"],
  preference: ["prompt", "chosen", "rejected", "reason", "margin", "tools"],
  rating: ["prompt", "completion", "label", "tools"],
  text: ["text"],
  classification: ["text", "labels", "entities"],
  extraction: ["document", "items"],
  steps: ["prompt", "steps"],
};
