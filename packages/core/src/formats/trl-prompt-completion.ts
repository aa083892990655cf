import type { Chat, Message } from "../schema/content.ts";
import { isTextTable } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { chatNeeds } from "./chat-rows.ts";
import { describe, firstOf, mostRows, noObject, quoted, rowOf } from "./columns.ts";
import type { Format, ReadContext, Reading } from "./format.ts";
import { systemColumn, systemTaken, unanswered, verdictOf, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, refuse } from "./reading.ts";
import { asChat, chatLosses, hasArgumentsText, messageLosses, renderMessages, renderTools, templateRendering } from "./render.ts";
import { asksNothing, endsWell, isSide, readSide, withTurns } from "./sides.ts";
import { createDesk, readTools, unreadOf } from "./tool-calls.ts";

/**
 * A prompt with the completion that is trained, as strings or messages. Written as one row for every trained turn of the assistant, all
 * messages before it being the prompt; so a turn with weight 0 is shown and never trained.
 *
 * @see {@link https://huggingface.co/docs/trl/dataset_formats#prompt-completion | TRL, prompt-completion}
 */
export const trlPromptCompletion: Format = {
  name: "trl-prompt-completion",
  title: "TRL's prompt and completion for SFT, a row for every trained turn",
  kinds: ["chat", "classification", "extraction"],
  lossless: false,
  readers: ["trl", "unsloth"],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    if (!mostRows(sample, (row) => isPair(row) && verdictOf(row["label"]) === undefined)) return undefined;
    return { reason: `the rows hold ${quoted(sides)}`, specificity: 70 };
  },

  read(foreign, context) {
    return readPromptCompletion(foreign, context, "trl-prompt-completion");
  },

  write(example, options) {
    const rendered = asChat(example, options.render);
    if (rendered === undefined) return { refused: "kind" };
    const { chat } = rendered;
    if (hasArgumentsText(chat.messages)) return { refused: "tool-arguments" };
    const trained = answersOf(chat.messages).filter(({ answer }) => answer.some(({ weight }) => weight !== 0));
    const possible = trained.filter(({ prompt, answer }) => endsWell(prompt, answer));
    if (possible.length === 0) return { refused: "turns" };
    const rows = possible.map(({ prompt, answer }) => {
      const row: Draft<JsonObject> = {
        prompt: renderMessages(prompt, templateRendering),
        completion: renderMessages(answer, templateRendering),
      };
      if (options.needs.has("tools")) row["tools"] = renderTools(chat.tools);
      return row;
    });
    const losses = [
      ...rendered.losses,
      // An answer that nobody asked for has no prompt.
      ...(possible.length < trained.length ? ["turns"] : []),
      ...(possible.some(({ answer }) => answer.some(({ weight }) => weight === 0)) ? ["weight"] : []),
      ...messageLosses(chat.messages, ["reasoning", "parts"]),
      ...chatLosses(chat, ["context", "reference", "parallelToolCalls"]),
    ];
    return { rows, losses };
  },

  needs: chatNeeds,
};

const sides = ["prompt", "completion"] as const;

/** True for a row with a prompt and a completion. */
export function isPair(row: JsonObject): boolean {
  return sides.every((side) => isSide(row[side]));
}

interface Answer {
  readonly prompt: readonly Message[];
  /** Messages of the assistant with none of others between them. */
  readonly answer: readonly Message[];
}

function answersOf(messages: readonly Message[]): readonly Answer[] {
  const answers: Answer[] = [];
  let start = 0;
  while (start < messages.length) {
    let end = start;
    while (messages[end]?.role === "assistant") end++;
    if (end > start) answers.push({ prompt: messages.slice(0, start), answer: messages.slice(start, end) });
    start = Math.max(end, start + 1);
  }
  return answers;
}

/** Reads a prompt with its completion as a chat; `format` is the name under which the metadata keeps what no field holds. */
export function readPromptCompletion(foreign: Json, context: ReadContext, format: string): Reading {
  const cells = rowOf(foreign, context);
  if (cells === undefined) return noObject;
  const row = isTextTable(context.fileKind) ? withTurns(cells, sides) : cells;
  if (firstOf(row, ["prompt"]) === undefined) return refuse("incomplete", "there is no `prompt`");
  if (firstOf(row, ["completion"]) === undefined) return refuse("incomplete", "there is `prompt`, but no `completion`");
  const desk = createDesk();
  const prompt = readSide(row["prompt"], "prompt", "user", desk);
  if ("refused" in prompt) return prompt;
  const completion = readSide(row["completion"], "completion", "assistant", desk);
  if ("refused" in completion) return completion;
  if (asksNothing(prompt)) return refuse("incomplete", "the prompt asks nothing");
  const problem = unanswered([...prompt, ...completion]);
  if (problem !== undefined) return problem;
  const tools = readTools(row["tools"], desk);
  if (tools !== undefined && "refused" in tools) return tools;
  const system = systemColumn(row, prompt);
  const chat: Draft<Chat> = { kind: "chat", messages: [...withSystem(row, system, prompt.map(shown)), ...completion] };
  if (tools !== undefined) chat.tools = tools;
  const taken = [...sides, "tools", ...systemTaken(row, system, prompt)];
  return given({ ...chat, ...describe(row, taken, unreadOf(desk, format)) }, desk.remarks);
}

/** Only the completion is trained, so the assistant's turns before it are shown and no more. */
function shown(message: Message): Message {
  return message.role === "assistant" ? { ...message, weight: 0 } : message;
}
