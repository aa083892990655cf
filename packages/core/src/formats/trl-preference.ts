import type { Message, Preference } from "../schema/content.ts";
import { isTextTable } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { describe, firstOf, mostRows, noObject, quoted, rowOf } from "./columns.ts";
import type { Format, ReadContext, Reading, Refused, WriteOptions } from "./format.ts";
import { systemColumn, systemTaken, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, refuse } from "./reading.ts";
import { hasArgumentsText, messageLosses, renderMessages, renderTools, templateRendering } from "./render.ts";
import type { Sides } from "./sides.ts";
import { asksNothing, endsWell, isSide, readSide, splitMessages, withTurns } from "./sides.ts";
import type { Desk } from "./tool-calls.ts";
import { createDesk, forkDesk, readTools, unreadOf } from "./tool-calls.ts";

/**
 * Pairs of a better and a worse answer, with the prompt apart (explicit) or in front of both (implicit), as strings or messages.
 * Document 3's `dpo` rows are the same with a `reason`.
 *
 * @see {@link https://huggingface.co/docs/trl/dataset_formats#preference | TRL, preference}
 */
export const trlPreference: Format = {
  name: "trl-preference",
  title: "TRL's preference rows for DPO, Reward and ORPO",
  kinds: ["preference"],
  lossless: false,
  readers: ["trl", "unsloth"],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    if (mostRows(sample, (row) => isExplicit(row)))
      return { reason: `the rows hold ${quoted(["prompt", "chosen", "rejected"])}`, specificity: 80 };
    if (!mostRows(sample, isImplicit)) return undefined;
    return { reason: `the rows hold ${quoted(["chosen", "rejected"])}, both with the prompt in front`, specificity: 70 };
  },

  read(foreign, context) {
    return readPreference(foreign, context, "trl-preference");
  },

  write(example, options) {
    if (example.kind !== "preference") return { refused: "kind" };
    const { prompt, chosen, rejected } = example;
    if (!endsWell(prompt, chosen, rejected)) return { refused: "turns" };
    // The templates of TRL want an object.
    if (hasArgumentsText([...prompt, ...chosen, ...rejected])) return { refused: "tool-arguments" };
    return { rows: [rowOfPair(example, options)], losses: lossesOf(example) };
  },

  needs(example) {
    if (example.kind !== "preference") return [];
    return [...(example.margin === undefined ? [] : ["margin"]), ...(example.tools === undefined ? [] : ["tools"])];
  },
};

const sides = ["prompt", "chosen", "rejected"] as const;
const content = [...sides, "reason", "margin", "tools"];

function isExplicit(row: JsonObject): boolean {
  return sides.every((side) => isSide(row[side]));
}

function isImplicit(row: JsonObject): boolean {
  return (
    isSide(row["chosen"]) &&
    isSide(row["rejected"]) &&
    firstOf(row, ["prompt", "question", "instruction", "input", "conversations"]) === undefined
  );
}

/** Reads a pair; `format` is the name under which the metadata keeps what no field holds. */
export function readPreference(foreign: Json, context: ReadContext, format: string): Reading {
  const row = rowOf(foreign, context);
  if (row === undefined) return noObject;
  return readPair(isTextTable(context.fileKind) ? withTurns(row, sides) : row, format);
}

function readPair(row: JsonObject, format: string): Reading {
  for (const side of ["chosen", "rejected"]) {
    if (firstOf(row, [side]) === undefined) return refuse("incomplete", `the row has no \`${side}\` answer`);
  }
  const desk = createDesk();
  const parts = readSides(row, desk);
  if ("refused" in parts) return parts;
  const tools = readTools(row["tools"], desk);
  if (tools !== undefined && "refused" in tools) return tools;
  const system = systemColumn(row, parts.prompt);
  const { reason, margin } = row;
  const preference: Draft<Preference> = { kind: "preference", ...parts, prompt: withSystem(row, system, parts.prompt) };
  const taken = content.filter(
    (column) => (column !== "reason" || typeof reason === "string") && (column !== "margin" || marginOf(margin) !== undefined),
  );
  // Rows of document 3 hold it everywhere once one does; empty it says nothing.
  if (typeof reason === "string" && reason !== "") preference.reason = reason;
  const wide = marginOf(margin);
  if (wide !== undefined) preference.margin = wide;
  if (tools !== undefined) preference.tools = tools;
  return given(
    { ...preference, ...describe(row, [...taken, ...systemTaken(row, system, parts.prompt)], unreadOf(desk, format)) },
    desk.remarks,
  );
}

/** A number, also as the cell of a table. */
function marginOf(value: Json | undefined): number | undefined {
  const margin = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof margin === "number" && Number.isFinite(margin) ? margin : undefined;
}

function readSides(row: JsonObject, desk: Desk): Sides | Refused {
  const prompt = row["prompt"] === undefined || row["prompt"] === null ? undefined : readSide(row["prompt"], "prompt", "user", desk);
  if (prompt !== undefined && "refused" in prompt) return prompt;
  const chosen = readSide(row["chosen"], "chosen", "assistant", forkDesk(desk));
  if ("refused" in chosen) return chosen;
  const rejected = readSide(row["rejected"], "rejected", "assistant", forkDesk(desk));
  if ("refused" in rejected) return rejected;
  if (chosen.length === 0 || rejected.length === 0) return refuse("incomplete", "an answer has no messages");
  if (prompt === undefined && typeof row["chosen"] === "string" && typeof row["rejected"] === "string")
    return splitTexts(row["chosen"], row["rejected"]);
  // Some sets give the prompt and repeat it in front of both answers.
  if (prompt === undefined || chosen[0]?.role !== "assistant" || rejected[0]?.role !== "assistant") return splitMessages(chosen, rejected);
  if (asksNothing(prompt)) return refuse("incomplete", "the prompt asks nothing");
  return { prompt, chosen, rejected };
}

/**
 * Where two answers begin with the same words, these are the prompt; a space before the first difference belongs to the answers.
 *
 * @see {@link https://huggingface.co/docs/trl/dataset_formats#from-implicit-to-explicit-prompt-preference-dataset | TRL, `extract_prompt`}
 */
function splitTexts(chosen: string, rejected: string): Sides | Refused {
  let end = 0;
  while (end < Math.min(chosen.length, rejected.length) && chosen[end] === rejected[end]) end++;
  if (end > 0 && chosen[end - 1] === " ") end--;
  // Not between the halves of one character.
  if (!chosen.slice(0, end).isWellFormed()) end--;
  if (end <= 0) return refuse("incomplete", "the two answers have no prompt, apart or in front of them");
  const answer = (text: string): readonly Message[] => [{ role: "assistant", content: text.slice(end) }];
  return { prompt: [{ role: "user", content: chosen.slice(0, end) }], chosen: answer(chosen), rejected: answer(rejected) };
}

function lossesOf({ prompt, chosen, rejected, reason }: Preference): readonly string[] {
  const answers = [...chosen, ...rejected];
  // The prompt is never trained, so a mask in it says nothing.
  const losses = [...messageLosses(answers, ["weight"]), ...messageLosses([...prompt, ...answers], ["reasoning", "parts"])];
  return reason === undefined ? losses : [...losses, "reason"];
}

function rowOfPair({ prompt, chosen, rejected, margin, tools }: Preference, { needs }: WriteOptions): JsonObject {
  const row: Draft<JsonObject> = {
    prompt: renderMessages(prompt, templateRendering),
    chosen: renderMessages(chosen, templateRendering),
    rejected: renderMessages(rejected, templateRendering),
  };
  // A margin of 0 is what the reward trainer's loss has without one.
  if (needs.has("margin")) row["margin"] = margin ?? 0;
  if (needs.has("tools")) row["tools"] = renderTools(tools);
  return row;
}
