import type { Message } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";
import { textOf, unpacked } from "./columns.ts";
import type { Refused } from "./format.ts";
import { readMessages } from "./messages.ts";
import { isList, refuse } from "./reading.ts";
import type { Desk } from "./tool-calls.ts";

/** True for what may stand as a prompt or an answer: text, or a list of messages. */
export function isSide(value: Json | undefined): boolean {
  return typeof value === "string" || isTurns(value ?? null);
}

/** True for a list of messages, in either spelling. */
export function isTurns(value: Json): boolean {
  return isList(value) && value.length > 0 && value.every(isTurn);
}

/** True for one message, in either spelling. */
export function isTurn(value: Json | undefined): boolean {
  return isJsonObject(value) && typeof (value["role"] ?? value["from"]) === "string";
}

/** Cells that hold messages as JSON text are read as these; other JSON text is what somebody wrote. */
export function withTurns(row: JsonObject, columns: readonly string[]): JsonObject {
  const turns = columns.map((column) => [column, unpacked(row[column] ?? null)] as const).filter(([, value]) => isTurns(value));
  return { ...row, ...Object.fromEntries(turns) };
}

/** Text is one message of the role that speaks there; a single message may stand without its list. */
export function readSide(value: Json | undefined, side: string, role: "user" | "assistant", desk: Desk): readonly Message[] | Refused {
  const text = textOf(value);
  if (text !== undefined) return [{ role, content: text }];
  if (value === undefined || value === null || typeof value !== "object")
    return refuse("shape", `\`${side}\` is neither text nor messages`);
  return readMessages(isList(value) ? value : [value], `/${side}`, desk);
}

/** A prompt with two answers to it. */
export interface Sides {
  readonly prompt: readonly Message[];
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
}

/** Takes two conversations apart where they begin to differ; what they share is the prompt. */
export function splitMessages(chosen: readonly Message[], rejected: readonly Message[]): Sides | Refused {
  const most = Math.min(chosen.length, rejected.length) - 1;
  let end = 0;
  while (end < most && canonicalJson(chosen[end]) === canonicalJson(rejected[end])) end++;
  const prompt = chosen.slice(0, end);
  if (asksNothing(prompt)) return refuse("incomplete", "the two answers have no prompt, apart or in front of them");
  return { prompt, chosen: chosen.slice(end), rejected: rejected.slice(end) };
}

/** True for a prompt of system messages, or of none. */
export function asksNothing(prompt: readonly Message[]): boolean {
  return prompt.every(({ role }) => role === "system");
}

/** TRL continues a prompt that ends with the assistant and fails on one that ends with the system. */
export function endsWell(prompt: readonly Message[], ...answers: readonly (readonly Message[])[]): boolean {
  const last = prompt.at(-1)?.role;
  return last !== undefined && last !== "system" && answers.every((answer) => answer.at(-1)?.role === "assistant");
}
