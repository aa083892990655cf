import type { Chat } from "../schema/content.ts";
import type { JsonObject } from "../schema/json.ts";
import { chatColumns, isConversation, readChat } from "./chat-rows.ts";
import { mostRows, noObject, quoted, rowOf } from "./columns.ts";
import type { Format, WriteOptions } from "./format.ts";
import type { Draft } from "./reading.ts";
import { asChat, chatLosses, messageLosses, openaiRendering, renderMessages, renderTools } from "./render.ts";

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
    const row = rowOf(foreign, context, chatColumns);
    return row === undefined ? noObject : readChat(row, "openai-chat");
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

function rowOfChat(chat: Chat, { needs }: WriteOptions): JsonObject {
  const row: Draft<JsonObject> = { messages: renderMessages(chat.messages, openaiRendering) };
  if (needs.has("tools")) row["tools"] = renderTools(chat.tools);
  // True is what OpenAI assumes where a row does not say.
  if (needs.has("parallel_tool_calls")) row["parallel_tool_calls"] = chat.parallelToolCalls ?? true;
  return row;
}
