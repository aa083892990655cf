import type { Message, Preference } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";
import { describe, firstOf, mostRows, noObject, quoted, rowOf, textOf, unpacked } from "./columns.ts";
import type { Format, Reading, Refused, WriteOptions } from "./format.ts";
import { readMessages, systemColumn, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";
import { hasArgumentsText, messageLosses, renderMessages, renderTools, templateRendering } from "./render.ts";
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
    const row = rowOf(foreign, context);
    if (row === undefined) return noObject;
    return readPair(context.fileKind === "csv" ? withTurns(row) : row);
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

function isSide(value: Json | undefined): boolean {
  return typeof value === "string" || isTurns(value ?? null);
}

function isTurns(value: Json): boolean {
  return isList(value) && value.length > 0 && value.every(isTurn);
}

function isTurn(value: Json): boolean {
  return isJsonObject(value) && typeof (value["role"] ?? value["from"]) === "string";
}

/** Cells that hold messages as JSON text; other JSON text is what somebody wrote. */
function withTurns(row: JsonObject): JsonObject {
  const turns = sides.map((side) => [side, unpacked(row[side] ?? null)] as const).filter(([, value]) => isTurns(value));
  return { ...row, ...Object.fromEntries(turns) };
}

function readPair(row: JsonObject): Reading {
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
  if (typeof reason === "string") preference.reason = reason;
  const wide = marginOf(margin);
  if (wide !== undefined) preference.margin = wide;
  if (tools !== undefined) preference.tools = tools;
  return given(
    { ...preference, ...describe(row, system === undefined ? taken : [...taken, system], unreadOf(desk, "trl-preference")) },
    desk.remarks,
  );
}

/** A number, also as the cell of a table. */
function marginOf(value: Json | undefined): number | undefined {
  const margin = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof margin === "number" && Number.isFinite(margin) ? margin : undefined;
}

interface Sides {
  readonly prompt: readonly Message[];
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
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
  if (prompt.every(({ role }) => role === "system")) return refuse("incomplete", "the prompt asks nothing");
  return { prompt, chosen, rejected };
}

/** Text is one message of the role that speaks there; a single message may stand without its list. */
function readSide(value: Json | undefined, side: string, role: "user" | "assistant", desk: Desk): readonly Message[] | Refused {
  const text = textOf(value);
  if (text !== undefined) return [{ role, content: text }];
  if (value === undefined || value === null || typeof value !== "object")
    return refuse("shape", `\`${side}\` is neither text nor messages`);
  return readMessages(isList(value) ? value : [value], `/${side}`, desk);
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

function splitMessages(chosen: readonly Message[], rejected: readonly Message[]): Sides | Refused {
  const most = Math.min(chosen.length, rejected.length) - 1;
  let end = 0;
  while (end < most && canonicalJson(chosen[end]) === canonicalJson(rejected[end])) end++;
  const prompt = chosen.slice(0, end);
  if (prompt.every(({ role }) => role === "system"))
    return refuse("incomplete", "the two answers have no prompt, apart or in front of them");
  return { prompt, chosen: chosen.slice(end), rejected: rejected.slice(end) };
}

/** TRL continues a prompt that ends with the assistant and fails on one that ends with the system. */
function endsWell(prompt: readonly Message[], ...answers: readonly (readonly Message[])[]): boolean {
  const last = prompt.at(-1)?.role;
  return last !== undefined && last !== "system" && answers.every((answer) => answer.at(-1)?.role === "assistant");
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
