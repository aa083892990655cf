import type { Chat, Message, Tool } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { describe, unpacked } from "./columns.ts";
import type { Reading, Refused } from "./format.ts";
import { readMessages, systemColumn, systemTaken, unanswered, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";
import { hasArgumentsText } from "./render.ts";
import { isTurns } from "./sides.ts";
import type { Desk } from "./tool-calls.ts";
import { createDesk, readTools, unreadOf } from "./tool-calls.ts";

/** Columns of a row of turns whose cells may hold JSON text. */
export const conversationColumns = ["conversations", "conversation", "tools", "chosen", "rejected"] as const;

/** The column that holds the turns, in either spelling. */
export function conversationColumn(row: JsonObject): "conversations" | "conversation" | undefined {
  return (["conversations", "conversation"] as const).find((column) => isTurns(unpacked(row[column] ?? null)));
}

/** Between the results of parallel calls, which stand in one turn. */
const joiner = "\n</tool_response>\n<tool_response>\n";

/** Reads turns of `from` and `value`; a turn that holds the results of several calls becomes several messages. */
export function readTurns(list: Json | undefined, at: string, desk: Desk): readonly Message[] | Refused {
  if (!isList(list) || list.length === 0) return refuse("shape", "`conversations` is no list of turns");
  return readMessages(list.flatMap(apart), at, desk);
}

function apart(turn: Json): readonly Json[] {
  const value = isJsonObject(turn) && turn["from"] === "observation" ? turn["value"] : undefined;
  if (typeof value !== "string" || !value.includes(joiner)) return [turn];
  return value.split(joiner).map((result) => ({ from: "observation", value: result }));
}

/** Reads a row of turns as a chat; `format` is the name under which the metadata keeps what no field holds. */
export function readConversation(row: JsonObject, format: string): Reading {
  const desk = createDesk();
  const column = conversationColumn(row) ?? "conversations";
  const messages = readTurns(row[column], "/messages", desk);
  if ("refused" in messages) return messages;
  const problem = unanswered(messages);
  if (problem !== undefined) return problem;
  const tools = readTools(row["tools"], desk);
  if (tools !== undefined && "refused" in tools) return tools;
  const system = systemColumn(row, messages);
  const chat: Draft<Chat> = { kind: "chat", messages: withSystem(row, system, messages) };
  if (tools !== undefined) chat.tools = tools;
  return given(
    { ...chat, ...describe(row, [column, "tools", ...systemTaken(row, system, messages)], unreadOf(desk, format)) },
    desk.remarks,
  );
}

/** One turn; a type of its own so that it is a JSON object. */
type Turn = { readonly from: "human" | "observation" | "gpt" | "function_call"; readonly value: string };

/** Turns with the system prompt apart. */
export interface Turns {
  readonly system?: string;
  readonly turns: readonly Turn[];
  readonly losses: readonly string[];
}

/**
 * Messages as turns, or the code of why they are none. Readers skip rows whose turns do not alternate with a line in the log and no more,
 * so there are none.
 *
 * @param ends - Who speaks last: the assistant, or before an answer whom it answers.
 * @see {@link https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md | LLaMA-Factory, sharegpt format}
 */
export function renderTurns(messages: readonly Message[], ends: "assistant" | "asked"): Turns | "turns" | "tool-arguments" {
  const [first, ...rest] = messages;
  const system = first?.role === "system" ? first.content : undefined;
  const turns: Turn[] = [];
  const losses = new Set<string>();
  if (hasArgumentsText(messages)) return "tool-arguments";
  for (const message of system === undefined ? messages : rest) {
    const turn = renderTurn(message);
    if (turn === undefined) return "turns";
    if (message.toolCalls !== undefined && message.content !== "") losses.add("call-text");
    const last = turns.at(-1);
    if (turn.from === "observation" && last?.from === "observation")
      turns.splice(-1, 1, { from: "observation", value: `${last.value}${joiner}${turn.value}` });
    else turns.push(turn);
  }
  if (turns.length % 2 !== (ends === "assistant" ? 0 : 1) || !turns.every(alternates)) return "turns";
  return { ...(system === undefined ? {} : { system }), turns, losses: [...losses] };
}

/** One message as a turn; absent for a system message, which stands apart. */
function renderTurn({ role, content, toolCalls }: Message): Turn | undefined {
  switch (role) {
    case "system":
      return undefined;
    case "user":
      return { from: "human", value: content };
    case "tool":
      return { from: "observation", value: content };
    case "assistant": {
      if (toolCalls === undefined) return { from: "gpt", value: content };
      const calls = toolCalls.map(({ name, arguments: held }) => ({ name, arguments: held }));
      return { from: "function_call", value: JSON.stringify(calls.length === 1 ? calls[0] : calls) };
    }
  }
}

function alternates({ from }: Turn, place: number): boolean {
  return place % 2 === 0 ? from === "human" || from === "observation" : from === "gpt" || from === "function_call";
}

/** The single turn of an answer; absent where it is no answer or more than one message. */
export function renderAnswer(answer: readonly Message[]): Turn | undefined {
  const [message] = answer;
  return answer.length === 1 && message?.role === "assistant" ? renderTurn(message) : undefined;
}

/** `system` and `tools` of a row, where some row of the file has them; tools are JSON text. */
export function turnExtras(system: string | undefined, tools: readonly Tool[] | undefined, needs: ReadonlySet<string>): JsonObject {
  return {
    ...(needs.has("system") ? { system: system ?? "" } : {}),
    ...(needs.has("tools")
      ? { tools: JSON.stringify((tools ?? []).map(({ name, description, parameters }) => ({ name, description, parameters }))) }
      : {}),
  };
}

/** The extras that messages with these tools need. */
export function extraNeeds(messages: readonly Message[], tools: readonly Tool[] | undefined): readonly string[] {
  return [...(messages[0]?.role === "system" ? ["system"] : []), ...(tools === undefined ? [] : ["tools"])];
}
