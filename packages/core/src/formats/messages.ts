import type { Message, Role, ToolCall } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { readParts, contentText } from "./content-parts.ts";
import { firstOf, textOf, unpacked } from "./columns.ts";
import type { Refused } from "./format.ts";
import type { Draft } from "./reading.ts";
import { isList, refuse } from "./reading.ts";
import type { Desk } from "./tool-calls.ts";
import { answeredCall, readCall } from "./tool-calls.ts";

/**
 * Reads messages as trainers and vendors spell them: `role` and `content`, `from` and `value`, items of OpenAI's Responses.
 *
 * @param at - JSON pointer of the list in the example: `/messages`, `/prompt` …
 * @param desk - What this row has shown so far; calls, remarks and unread members are added to it.
 */
export function readMessages(list: readonly Json[], at: string, desk: Desk): readonly Message[] | Refused {
  const messages: Draft<Message>[] = [];
  for (let index = 0; index < list.length; index++) {
    const problem = readMessage(list[index], index, messages, at, desk);
    if (problem !== undefined) return problem;
  }
  return messages;
}

/** Columns that hold a system prompt beside the messages. */
export const systemColumns = ["system", "system_prompt", "systemInstruction", "instructions"] as const;

/** The name of the system column that the row fills, where `messages` do not begin with a system message. */
export function systemColumn(row: JsonObject, messages: readonly Message[]): string | undefined {
  if (messages[0]?.role === "system") return undefined;
  const column = firstOf(row, systemColumns);
  return column !== undefined && typeof row[column] === "string" && row[column] !== "" ? column : undefined;
}

/**
 * The system columns that say no more than the messages do, `column` being the one that was put before them. A column that is empty says
 * nothing: writers that need it in one row fill it in all.
 */
export function systemTaken(row: JsonObject, column: string | undefined, messages: readonly Message[]): readonly string[] {
  const [first] = messages;
  return systemColumns.filter((name) => name === column || row[name] === "" || (first?.role === "system" && row[name] === first.content));
}

/** Puts the text of a system column before the messages. */
export function withSystem(row: JsonObject, column: string | undefined, messages: readonly Message[]): readonly Message[] {
  return column === undefined ? messages : [{ role: "system", content: textOf(row[column]) ?? "" }, ...messages];
}

/** Says why messages are no whole exchange: they must end with the assistant, after something that was asked. */
export function unanswered(messages: readonly Message[]): Refused | undefined {
  if (messages.at(-1)?.role !== "assistant") return refuse("incomplete", "the messages do not end with an answer of the assistant");
  if (messages.every(({ role }) => role === "assistant" || role === "system"))
    return refuse("incomplete", "there is an answer, but no question before it");
  return undefined;
}

/** A verdict on an answer: true or false, also as the word a table holds. */
export function verdictOf(value: Json | undefined): boolean | undefined {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.trim().toLowerCase() : "";
  return word === "true" ? true : word === "false" ? false : undefined;
}

/** `call` is a message that is nothing but a tool call: it belongs to the assistant's turn around it. */
type Voice = Role | "call";

const voices: ReadonlyMap<string, Voice> = new Map<string, Voice>([
  ...["user", "human", "prompter"].map((word) => [word, "user"] as const),
  ...["assistant", "gpt", "model", "bot", "chatbot", "ai"].map((word) => [word, "assistant"] as const),
  ...["system", "developer"].map((word) => [word, "system"] as const),
  ...["tool", "function", "observation", "ipython", "function_call_output"].map((word) => [word, "tool"] as const),
  ...["function_call", "tool_call"].map((word) => [word, "call"] as const),
]);

function voiceOf(foreign: JsonObject): Voice | undefined {
  const word = foreign["role"] ?? foreign["from"] ?? foreign["type"];
  return typeof word === "string" ? (voices.get(word) ?? voices.get(word.toLowerCase())) : undefined;
}

function readMessage(foreign: Json | undefined, index: number, messages: Draft<Message>[], at: string, desk: Desk): Refused | undefined {
  if (!isJsonObject(foreign)) return refuse("shape", `message ${index + 1} is no object`);
  const voice = voiceOf(foreign);
  if (voice === undefined) return refuse("shape", `message ${index + 1} has no known role`);
  if (voice !== "call") keepUnread(foreign, at, index, desk);
  const body = foreign["content"] ?? foreign["value"];
  if (voice === "call") return addCalls(listOf(unpacked(body ?? foreign)), messages, at, desk);
  const message: Draft<Message> = { role: voice, content: "" };
  const calls: Json[] = [];
  const problem = readBody(body ?? foreign["output"] ?? "", message, calls, messages, desk);
  if (problem !== undefined) return refuse("shape", `message ${index + 1} ${problem}`);
  const name = foreign["name"];
  if (typeof name === "string" && name !== "") message.name = name;
  if (voice === "assistant") readAssistant(foreign, message, calls);
  if (voice === "tool") {
    const answered = answeredCall(foreign["tool_call_id"] ?? foreign["call_id"], desk);
    if (answered !== undefined) message.toolCallId = answered;
  }
  // A message of the user that held nothing but results of tools has become those.
  if (message.content !== "" || message.parts !== undefined || voice !== "user" || !isOnlyResults(body)) messages.push(message);
  return calls.length === 0 ? undefined : addCalls(calls, messages, at, desk);
}

/** Fills in the content; gives the end of a sentence that says why it cannot. */
function readBody(body: Json, message: Draft<Message>, calls: Json[], messages: Draft<Message>[], desk: Desk): string | undefined {
  if (typeof body === "string") {
    message.content = body;
    return undefined;
  }
  if (message.role === "tool") {
    message.content = contentText(body);
    return undefined;
  }
  if (typeof body === "number" || typeof body === "boolean") {
    message.content = String(body);
    return undefined;
  }
  if (body === null) return undefined;
  const list = listOf(body);
  const parts = readParts(list);
  if (!isList(body) && parts.other) return "holds an object that is no content";
  for (const result of parts.results) messages.push(toolMessage(result.content, answeredCall(result.callId, desk)));
  message.content = parts.text;
  if (parts.reasoning !== undefined) message.reasoning = parts.reasoning;
  if (parts.other) message.parts = list;
  calls.push(...parts.calls);
  return undefined;
}

function toolMessage(content: string, answered: string | undefined): Message {
  return answered === undefined ? { role: "tool", content } : { role: "tool", content, toolCallId: answered };
}

function isOnlyResults(body: Json | undefined): boolean {
  return isList(body) && body.length > 0 && readParts(body).results.length === body.length;
}

/** What only the assistant has: thoughts, a loss mask, calls. */
function readAssistant(foreign: JsonObject, message: Draft<Message>, calls: Json[]): void {
  const thought = foreign["reasoning_content"] ?? foreign["reasoning"] ?? foreign["thinking"];
  if (typeof thought === "string" && thought !== "") message.reasoning = thought;
  else if (message.content.startsWith("<think>") || /^\s+<think>/.test(message.content)) splitThought(message);
  const weight = maskOf(foreign);
  if (weight !== undefined) message.weight = weight;
  const { tool_calls: several, function_call: one } = foreign;
  if (isList(several)) calls.push(...several);
  else if (isJsonObject(one)) calls.push(one);
}

/** `<think>…</think>` before an answer is what the model thought, not what it said. Thoughts that are empty are none. */
function splitThought(message: Draft<Message>): void {
  const match = /^\s*<think>([\s\S]*?)<\/think>\s*/.exec(message.content);
  if (match === null) return;
  const thought = match[1]?.trim() ?? "";
  if (thought !== "") message.reasoning = thought;
  message.content = message.content.slice(match[0].length);
}

/** OpenAI's `weight`, LLaMA-Factory's `loss_weight`, Axolotl's `train`. */
function maskOf(foreign: JsonObject): 0 | 1 | undefined {
  const mask = foreign["weight"] ?? foreign["loss_weight"] ?? foreign["train"];
  if (mask === 1 || mask === true) return 1;
  return mask === 0 || mask === false ? 0 : undefined;
}

/** Calls join the assistant's message before them; where there is none they make one. */
function addCalls(foreign: readonly Json[], messages: Draft<Message>[], at: string, desk: Desk): Refused | undefined {
  let message = messages.at(-1);
  if (message?.role !== "assistant") {
    message = { role: "assistant", content: "" };
    messages.push(message);
  }
  const calls: ToolCall[] = [...(message.toolCalls ?? [])];
  for (const item of foreign) {
    const call = readCall(item, `${at}/${messages.length - 1}/toolCalls/${calls.length}`, desk);
    if ("refused" in call) return call;
    calls.push(call);
  }
  if (calls.length > 0) message.toolCalls = calls;
  return undefined;
}

function listOf(value: Json): readonly Json[] {
  return isList(value) ? value : [value];
}

const known: ReadonlySet<string> = new Set(
  "role from type content value output name weight loss_weight train tool_calls function_call tool_call_id call_id reasoning reasoning_content thinking".split(
    " ",
  ),
);

/** Members that no field holds are kept for the metadata; null and empty lists say nothing. */
function keepUnread(foreign: JsonObject, at: string, index: number, desk: Desk): void {
  let rest: [string, Json][] | undefined;
  for (const key in foreign) {
    if (known.has(key)) continue;
    const value = foreign[key];
    if (value === undefined || value === null || (isList(value) && value.length === 0)) continue;
    rest ??= [];
    rest.push([key, value]);
  }
  if (rest !== undefined) desk.unread.push([`${at}/${index}`, Object.fromEntries(rest)]);
}
