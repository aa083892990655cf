import type { Chat } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { describe, mostRows, noObject, quoted, rowOf, unpacked } from "./columns.ts";
import type { Format, Reading, WriteOptions } from "./format.ts";
import { readMessages, systemColumn, unanswered, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";
import { asChat, chatLosses, messageLosses, openaiRendering, renderMessages, renderTools } from "./render.ts";
import { createDesk, readTools, unreadOf } from "./tool-calls.ts";

/**
 * Rows of `messages`, which most trainers read.
 *
 * @see {@link https://platform.openai.com/docs/guides/supervised-fine-tuning | OpenAI, supervised fine-tuning}
 */
export const openaiChat: Format = {
  name: "openai-chat",
  title: "OpenAI's rows of messages, with tools",
  kinds: ["chat", "classification", "extraction"],
  lossless: false,
  readers: ["openai", "azure", "together", "fireworks", "axolotl", "torchtune"],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    if (!mostRows(sample, isConversation)) return undefined;
    return { reason: `the rows hold ${quoted(["messages"])}, a list of objects with a role`, specificity: 80 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["messages", "tools", "functions"]);
    return row === undefined ? noObject : readChat(row);
  },

  write(example, options) {
    const rendered = asChat(example, options.render);
    if (rendered === undefined) return { refused: "kind" };
    const { chat } = rendered;
    if (chat.messages.at(-1)?.role !== "assistant") return { refused: "turns" };
    const losses = [
      ...rendered.losses,
      ...messageLosses(chat.messages, ["reasoning", "parts"]),
      ...chatLosses(chat, ["context", "reference"]),
    ];
    return { rows: [rowOfChat(chat, options)], losses };
  },

  needs(example) {
    if (example.kind !== "chat") return [];
    return [...(example.tools === undefined ? [] : ["tools"]), ...(example.parallelToolCalls === undefined ? [] : ["parallel_tool_calls"])];
  },
};

/** A verdict beside the messages makes a rating of them: read as a chat, bad answers would be trained on. */
function isConversation(row: JsonObject): boolean {
  const messages = unpacked(row["messages"] ?? null);
  const [first]: readonly (Json | undefined)[] = isList(messages) ? messages : [];
  return isJsonObject(first) && typeof first["role"] === "string" && typeof row["label"] !== "boolean" && !("kto_tag" in row);
}

const content = ["messages", "tools", "functions", "parallel_tool_calls"];

function readChat(row: JsonObject): Reading {
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
  const taken = system === undefined ? content : [...content, system];
  if (tools !== undefined) chat.tools = tools;
  // Writers add it to every row of a file that needs it once; without tools it says nothing.
  if (tools !== undefined && typeof parallel === "boolean") chat.parallelToolCalls = parallel;
  if (typeof row["context"] !== "string") return given({ ...chat, ...describe(row, taken, unreadOf(desk, "openai-chat")) }, desk.remarks);
  chat.context = row["context"];
  return given({ ...chat, ...describe(row, [...taken, "context"], unreadOf(desk, "openai-chat")) }, desk.remarks);
}

function rowOfChat(chat: Chat, { needs }: WriteOptions): JsonObject {
  const row: Draft<JsonObject> = { messages: renderMessages(chat.messages, openaiRendering) };
  if (needs.has("tools")) row["tools"] = renderTools(chat.tools);
  // True is what OpenAI assumes where a row does not say.
  if (needs.has("parallel_tool_calls")) row["parallel_tool_calls"] = chat.parallelToolCalls ?? true;
  return row;
}
