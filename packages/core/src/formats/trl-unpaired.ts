import type { Message, Rating } from "../schema/content.ts";
import { isTextTable } from "../schema/file-kind.ts";
import type { JsonObject } from "../schema/json.ts";
import { chatColumns, holdsMessages } from "./chat-rows.ts";
import { describe, firstOf, mostRows, noObject, quoted, rowOf } from "./columns.ts";
import type { Format, Reading, Refused, WriteOptions } from "./format.ts";
import { readMessages, systemColumn, systemTaken, unanswered, verdictOf, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";
import { hasArgumentsText, messageLosses, renderMessages, renderTools, templateRendering } from "./render.ts";
import { asksNothing, endsWell, readSide, withTurns } from "./sides.ts";
import type { Desk } from "./tool-calls.ts";
import { createDesk, readTools, unreadOf } from "./tool-calls.ts";
import { isPair } from "./trl-prompt-completion.ts";

/**
 * An answer with a verdict, true or false. Read also as `messages` whose last one is the answer, as LLaMA-Factory has them.
 *
 * @see {@link https://huggingface.co/docs/trl/dataset_formats#unpaired-preference | TRL, unpaired preference}
 */
export const trlUnpaired: Format = {
  name: "trl-unpaired",
  title: "TRL's answers with a verdict for KTO and BCO",
  kinds: ["rating"],
  lossless: false,
  readers: ["trl", "unsloth"],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    const found = [
      { columns: sides, fits: isPair },
      { columns: ["messages"], fits: holdsMessages },
    ].find(({ fits }) => mostRows(sample, (row) => fits(row) && verdictOf(row["label"]) !== undefined));
    if (found === undefined) return undefined;
    return { reason: `the rows hold ${quoted([...found.columns, "label"])}, which is true or false`, specificity: 80 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, chatColumns);
    if (row === undefined) return noObject;
    return readRating(isTextTable(context.fileKind) ? withTurns(row, sides) : row);
  },

  write(example, options) {
    if (example.kind !== "rating") return { refused: "kind" };
    const { prompt, completion } = example;
    if (!endsWell(prompt, completion)) return { refused: "turns" };
    if (hasArgumentsText([...prompt, ...completion])) return { refused: "tool-arguments" };
    // The prompt is never trained, so a mask in it says nothing.
    const losses = [...messageLosses(completion, ["weight"]), ...messageLosses([...prompt, ...completion], ["reasoning", "parts"])];
    return { rows: [rowOfRating(example, options)], losses };
  },

  needs: (example) => (example.kind === "rating" && example.tools !== undefined ? ["tools"] : []),
};

const sides = ["prompt", "completion"] as const;

function readRating(row: JsonObject): Reading {
  const label = verdictOf(row["label"]);
  if (label === undefined) {
    return firstOf(row, ["label"]) === undefined
      ? refuse("incomplete", "there is no `label`")
      : refuse("shape", "`label` is neither true nor false");
  }
  const desk = createDesk();
  const told = isList(row["messages"]) ? lastAnswered(readMessages(row["messages"], "/prompt", desk)) : readSides(row, desk);
  if ("refused" in told) return told;
  const tools = readTools(row["tools"], desk);
  if (tools !== undefined && "refused" in tools) return tools;
  const system = systemColumn(row, told.prompt);
  const rating: Draft<Rating> = { kind: "rating", ...told, prompt: withSystem(row, system, told.prompt), label };
  if (tools !== undefined) rating.tools = tools;
  const taken = [...sides, "messages", "label", "tools", ...systemTaken(row, system, told.prompt)];
  return given({ ...rating, ...describe(row, taken, unreadOf(desk, "trl-unpaired")) }, desk.remarks);
}

type Answered = Pick<Rating, "prompt" | "completion">;

/** Messages whose last one is the answer that is judged. */
export function lastAnswered(messages: readonly Message[] | Refused): Answered | Refused {
  if ("refused" in messages) return messages;
  const problem = unanswered(messages);
  return problem ?? { prompt: messages.slice(0, -1), completion: messages.slice(-1) };
}

function readSides(row: JsonObject, desk: Desk): Answered | Refused {
  for (const side of sides) if (firstOf(row, [side]) === undefined) return refuse("incomplete", `there is no \`${side}\``);
  const prompt = readSide(row["prompt"], "prompt", "user", desk);
  if ("refused" in prompt) return prompt;
  const completion = readSide(row["completion"], "completion", "assistant", desk);
  if ("refused" in completion) return completion;
  if (asksNothing(prompt)) return refuse("incomplete", "the prompt asks nothing");
  return completion.at(-1)?.role === "assistant"
    ? { prompt, completion }
    : refuse("incomplete", "the completion does not end with the assistant");
}

function rowOfRating({ prompt, completion, label, tools }: Rating, { needs }: WriteOptions): JsonObject {
  const row: Draft<JsonObject> = {
    prompt: renderMessages(prompt, templateRendering),
    completion: renderMessages(completion, templateRendering),
    label,
  };
  if (needs.has("tools")) row["tools"] = renderTools(tools);
  return row;
}
