import type { Chat } from "../schema/content.ts";
import type { JsonObject } from "../schema/json.ts";
import { chatColumns, chatNeeds, readChat } from "./chat-rows.ts";
import { noObject, rowOf } from "./columns.ts";
import type { Format } from "./format.ts";
import type { Draft } from "./reading.ts";
import type { Rendering } from "./render.ts";
import { chatLosses, messageLosses, renderMessages, renderTools } from "./render.ts";

/**
 * Document 3's MULTI_TURN rows: messages with a context. A chat of one exchange without a context is none of these. Read when named:
 * `openai-chat` recognises the same rows.
 */
export const multiTurn: Format = {
  name: "multi-turn",
  title: "document 3's messages with a context",
  kinds: ["chat"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "materialises",

  read(foreign, context) {
    const row = rowOf(foreign, context, chatColumns);
    return row === undefined ? noObject : readChat(row, "multi-turn");
  },

  write(example, { needs }) {
    if (example.kind !== "chat") return { refused: "kind" };
    if (example.messages.at(-1)?.role !== "assistant" || !isLong(example)) return { refused: "turns" };
    const row: Draft<JsonObject> = { messages: renderMessages(example.messages, rendering), context: example.context ?? "" };
    if (needs.has("tools")) row["tools"] = renderTools(example.tools);
    const losses = [
      ...messageLosses(example.messages, ["weight", "reasoning", "parts"]),
      ...chatLosses(example, ["reference", "parallelToolCalls"]),
    ];
    return { rows: [row], losses };
  },

  needs: chatNeeds,
};

/** Messages as OpenAI has them, whose CHAT rows document 3 took over, without what it does not name. */
const rendering: Rendering = { arguments: "text", weight: false, empty: "" };

function isLong({ messages, context }: Chat): boolean {
  return context !== undefined || messages.filter(({ role }) => role === "user").length > 1;
}
