import type { Example } from "../schema/example.ts";
import { mostRows, noObject, quoted, rowOf } from "./columns.ts";
import { conversationColumn, conversationColumns, extraNeeds, readConversation, renderTurns, turnExtras } from "./conversations.ts";
import type { Format, WriteOptions, Writing } from "./format.ts";
import { verdictOf } from "./messages.ts";
import { refuse } from "./reading.ts";
import { asChat, chatLosses, messageLosses } from "./render.ts";

/**
 * ShareGPT's turns of `from` and `value`: human and gpt, function_call and observation, with the system prompt and the tools apart.
 *
 * @see {@link https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md | LLaMA-Factory, sharegpt format}
 */
export const sharegpt: Format = {
  name: "sharegpt",
  title: "ShareGPT's conversations",
  kinds: ["chat", "classification", "extraction"],
  lossless: false,
  readers: ["llama-factory", "axolotl", "torchtune"],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    const isPlain = !mostRows(
      sample,
      (row) => "chosen" in row || "rejected" in row || "kto_tag" in row || verdictOf(row["label"]) !== undefined,
    );
    if (!isPlain || !mostRows(sample, (row) => conversationColumn(row) !== undefined)) return undefined;
    return { reason: `the rows hold ${quoted(["conversations"])}, a list of turns`, specificity: 80 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, conversationColumns);
    if (row === undefined) return noObject;
    // Read as a chat, bad answers would be trained on.
    if ("kto_tag" in row) return refuse("shape", "there is a verdict (`kto_tag`) beside the turns, which `llama-factory` reads");
    return readConversation(row, "sharegpt");
  },

  write: writeConversation,
  needs: conversationNeeds,
};

/** Writes a chat, or what a template makes one of, as a row of turns. */
export function writeConversation(example: Example, options: WriteOptions): Writing {
  const rendered = asChat(example, options.render);
  if (rendered === undefined) return { refused: "kind" };
  const { messages, tools } = rendered.chat;
  const told = renderTurns(messages, "assistant");
  if (typeof told === "string") return { refused: told };
  const losses = [
    ...rendered.losses,
    ...told.losses,
    ...messageLosses(messages, ["weight", "reasoning", "parts"]),
    ...chatLosses(rendered.chat, ["context", "reference", "parallelToolCalls"]),
  ];
  return { rows: [{ conversations: told.turns, ...turnExtras(told.system, tools, options.needs) }], losses };
}

/** Keys that a chat adds to rows of turns. */
export function conversationNeeds(example: Example): readonly string[] {
  return example.kind === "chat" ? extraNeeds(example.messages, example.tools) : [];
}
