import type { Chat, Content, Message, Preference, Rating, Tool } from "../schema/content.ts";
import type { NewExample } from "../schema/example.ts";
import type { CellType } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { Reading, Refused } from "./format.ts";
import { describeHouse } from "./flat-read.ts";
import { readMessages } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, isList } from "./reading.ts";
import { exactIntegers, renderMessages, renderTools } from "./render.ts";
import type { Rendering } from "./render.ts";
import type { Desk } from "./tool-calls.ts";
import { createDesk, forkDesk, readTools } from "./tool-calls.ts";

const messageType: CellType = {
  list: {
    struct: {
      role: "string",
      content: "string",
      reasoning: "string",
      // Arguments have other members in every call, so no struct would fit.
      tool_calls: "json",
      tool_call_id: "string",
      name: "string",
      weight: "i32",
    },
  },
};

/**
 * Columns beside the flat ones that hold what these cannot, for layouts with nested values, in the order they are written. The rejected
 * messages have a name of their own, since `rejected` is a text among the flat columns.
 */
export const nestedColumns: Readonly<Record<string, CellType>> = {
  messages: messageType,
  prompt: messageType,
  chosen: messageType,
  rejected_messages: messageType,
  completion: messageType,
  tools: "json",
  parallel_tool_calls: "bool",
  context: "string",
  reference: "json",
  reason: "string",
  margin: "f64",
  categories: { list: "string" },
  url: "string",
  title: "string",
};

/** The nested columns that a content fills. */
export function nestedOf(content: Content): JsonObject {
  switch (content.kind) {
    case "chat": {
      const { messages, tools, context, parallelToolCalls, reference } = content;
      return filled({ messages: rows(messages), tools: toolRows(tools), parallel_tool_calls: parallelToolCalls, context, reference });
    }
    case "preference": {
      const { prompt, chosen, rejected, reason, margin, tools } = content;
      const sides = { prompt: rows(prompt), chosen: rows(chosen), rejected_messages: rows(rejected) };
      return filled({ ...sides, tools: toolRows(tools), reason, margin });
    }
    case "rating":
      return filled({ prompt: rows(content.prompt), completion: rows(content.completion), tools: toolRows(content.tools) });
    case "classification":
      return filled({ categories: content.labels.categories });
    case "extraction":
      return filled({ url: content.document.url, title: content.document.title });
    case "text":
    case "steps":
      return {};
  }
}

function filled(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

const rendering: Rendering = { arguments: "object", weight: true, empty: "" };

/** Messages as trainers want them, with the thoughts beside them; arguments that are no object stay the text they are. */
function rows(messages: readonly Message[]): readonly JsonObject[] {
  return renderMessages(messages, rendering).map((row, place) => {
    const { reasoning, toolCalls } = messages[place] ?? {};
    const calls = toolCalls?.map(({ id, name, arguments: held, argumentsText }) => ({
      id,
      type: "function",
      function: { name, arguments: argumentsText ?? exactIntegers(held) },
    }));
    return { ...row, ...(reasoning === undefined ? {} : { reasoning }), ...(calls === undefined ? {} : { tool_calls: calls }) };
  });
}

function toolRows(tools: readonly Tool[] | undefined): readonly JsonObject[] | undefined {
  return tools === undefined ? undefined : renderTools(tools);
}

/** Reads a house row with the nested columns it has; absent where the flat columns are to be read alone. */
export function readNested(row: JsonObject): Reading | undefined {
  const desk = createDesk();
  const talk = readTalk(row, desk);
  if (talk === undefined || "refused" in talk) return talk;
  const tools = readTools(row["tools"], desk);
  if (tools !== undefined && "refused" in tools) return tools;
  const { reason, margin, context, reference, parallel_tool_calls: parallel } = row;
  const held: Draft<Talk> = { ...talk };
  if (tools !== undefined) held.tools = tools;
  if (held.kind === "preference" && typeof reason === "string") held.reason = reason;
  if (held.kind === "preference" && typeof margin === "number") held.margin = margin;
  if (held.kind === "chat" && typeof context === "string") held.context = context;
  if (held.kind === "chat" && typeof parallel === "boolean") held.parallelToolCalls = parallel;
  if (held.kind === "chat" && isJsonObject(reference)) held.reference = reference;
  return given({ ...held, ...describeHouse(row, [...flatSides, ...Object.keys(nestedColumns)]) }, desk.remarks);
}

/** Flat columns that repeat what the nested ones hold. */
const flatSides = ["input", "output", "rejected", "label"] as const;

type Talk = Chat | Preference | Rating;

/** The messages of a row; absent where a column of its kind has none. */
function readTalk(row: JsonObject, desk: Desk): Talk | Refused | undefined {
  const { kind, label } = row;
  if (kind === "chat") {
    const messages = side(row, "messages", "/messages", desk);
    return messages === undefined || "refused" in messages ? messages : { kind, messages };
  }
  if (kind !== "preference" && kind !== "rating") return undefined;
  const prompt = side(row, "prompt", "/prompt", desk);
  if (prompt === undefined || "refused" in prompt) return prompt;
  if (kind === "rating") {
    const completion = side(row, "completion", "/completion", desk);
    if (completion === undefined || "refused" in completion) return completion;
    return typeof label === "boolean" ? { kind, prompt, completion, label } : undefined;
  }
  const chosen = side(row, "chosen", "/chosen", forkDesk(desk));
  if (chosen === undefined || "refused" in chosen) return chosen;
  const rejected = side(row, "rejected_messages", "/rejected", forkDesk(desk));
  return rejected === undefined || "refused" in rejected ? rejected : { kind, prompt, chosen, rejected };
}

function side(row: JsonObject, column: string, at: string, desk: Desk): readonly Message[] | Refused | undefined {
  const list = row[column];
  return isList(list) && list.length > 0 ? readMessages(list, at, desk) : undefined;
}

/** What the nested columns add to an example that the flat ones gave: categories, and where a document comes from. */
export function withNested(example: NewExample, { categories, url, title }: JsonObject): NewExample {
  const told = isList(categories) ? categories.filter((category) => typeof category === "string") : [];
  if (example.kind === "classification" && told.length > 0) return { ...example, labels: { ...example.labels, categories: told } };
  if (example.kind !== "extraction") return example;
  const place = { ...(typeof url === "string" ? { url } : {}), ...(typeof title === "string" ? { title } : {}) };
  return { ...example, document: { ...place, ...example.document } };
}
