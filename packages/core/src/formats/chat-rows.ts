import type { Chat } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { describe, unpacked } from "./columns.ts";
import type { Reading, WriteOptions, Writing } from "./format.ts";
import { readMessages, systemColumn, systemTaken, unanswered, verdictOf, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";
import type { Rendering } from "./render.ts";
import { asChat, chatLosses, hasArgumentsText, messageLosses, renderMessages, renderTools } from "./render.ts";
import { createDesk, readTools, unreadOf } from "./tool-calls.ts";

/** Columns of a row of messages whose cells may hold JSON text. */
export const chatColumns = ["messages", "tools", "functions"] as const;

/** True for a row of messages. A verdict beside them makes a rating of them: read as a chat, bad answers would be trained on. */
export function isConversation(row: JsonObject): boolean {
  return holdsMessages(row) && verdictOf(row["label"]) === undefined && !("kto_tag" in row);
}

/** True where `messages` is a list of objects with a role. */
export function holdsMessages(row: JsonObject): boolean {
  const messages = unpacked(row["messages"] ?? null);
  const [first]: readonly (Json | undefined)[] = isList(messages) ? messages : [];
  return isJsonObject(first) && typeof first["role"] === "string";
}

const content = [...chatColumns, "parallel_tool_calls"];

/**
 * Reads a row of `messages` with what stands beside them.
 *
 * @param format - Under whose name the metadata keeps what no field holds.
 */
export function readChat(row: JsonObject, format: string): Reading {
  const list = row["messages"];
  if (!isList(list) || list.length === 0) return refuse("shape", "`messages` is no list of messages");
  const desk = createDesk();
  const messages = readMessages(list, "/messages", desk);
  if ("refused" in messages) return messages;
  const problem = unanswered(messages);
  if (problem !== undefined) return problem;
  const tools = readTools(row["tools"] ?? row["functions"], desk);
  if (tools !== undefined && "refused" in tools) return tools;
  const system = systemColumn(row, messages);
  const chat: Draft<Chat> = { kind: "chat", messages: withSystem(row, system, messages) };
  const parallel = row["parallel_tool_calls"];
  const taken = [...content, ...systemTaken(row, system, messages)];
  if (tools !== undefined) chat.tools = tools;
  // Writers add it to every row of a file that needs it once; without tools it says nothing.
  if (tools !== undefined && typeof parallel === "boolean") chat.parallelToolCalls = parallel;
  if (typeof row["context"] !== "string") return given({ ...chat, ...describe(row, taken, unreadOf(desk, format)) }, desk.remarks);
  // Document 3's rows hold it everywhere; empty it says nothing.
  if (row["context"] !== "") chat.context = row["context"];
  return given({ ...chat, ...describe(row, [...taken, "context"], unreadOf(desk, format)) }, desk.remarks);
}

/** Writes a chat, or what a template makes one of, as a row of messages with `tools` where some row of the file has them. */
export function writeTemplateChat(example: Example, options: WriteOptions, rendering: Rendering): Writing {
  const rendered = asChat(example, options.render);
  if (rendered === undefined) return { refused: "kind" };
  const { chat } = rendered;
  if (chat.messages.at(-1)?.role !== "assistant") return { refused: "turns" };
  // Chat templates want an object.
  if (rendering.arguments === "object" && hasArgumentsText(chat.messages)) return { refused: "tool-arguments" };
  const row: Draft<JsonObject> = { messages: renderMessages(chat.messages, rendering) };
  if (options.needs.has("tools")) row["tools"] = renderTools(chat.tools);
  const losses = [
    ...rendered.losses,
    ...messageLosses(chat.messages, rendering.weight ? ["reasoning", "parts"] : ["weight", "reasoning", "parts"]),
    ...chatLosses(chat, ["context", "reference", "parallelToolCalls"]),
  ];
  return { rows: [row], losses };
}

/** Keys that a chat adds to rows of messages. */
export function chatNeeds(example: Example): readonly string[] {
  return example.kind === "chat" && example.tools !== undefined ? ["tools"] : [];
}
