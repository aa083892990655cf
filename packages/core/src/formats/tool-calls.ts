import type { Tool, ToolCall } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";
import { textOf, unpacked } from "./columns.ts";
import type { ReadRemark, Refused } from "./format.ts";
import type { Draft } from "./reading.ts";
import { isList, parseJson, refuse } from "./reading.ts";

/** What reading one row has seen so far of calls, remarks and members that no field holds. */
export interface Desk {
  readonly remarks: ReadRemark[];
  /** By JSON pointer into the foreign row. */
  readonly unread: [string, Json][];
  /** Calls without a result yet, oldest first. */
  readonly open: string[];
  /** How many calls there were, for the ids of those that have none. */
  calls: number;
}

export function createDesk(): Desk {
  return { remarks: [], unread: [], open: [], calls: 0 };
}

/** A desk for messages that follow the same prompt as others do: their calls are counted apart, remarks go to one place. */
export function forkDesk(desk: Desk): Desk {
  return { remarks: desk.remarks, unread: desk.unread, open: [...desk.open], calls: desk.calls };
}

/** What no field holds, as an entry of the metadata under the format's name. */
export function unreadOf(desk: Desk, format: string): readonly (readonly [string, Json])[] {
  return desk.unread.length === 0 ? [] : [[format, Object.fromEntries(desk.unread)]];
}

/**
 * Reads a call in the spellings of OpenAI (new, legacy, Responses), Anthropic, ShareGPT and plain `{ name, arguments }`.
 *
 * @param at - JSON pointer of the call in the example.
 */
export function readCall(foreign: Json, at: string, desk: Desk): ToolCall | Refused {
  const call = unpacked(foreign);
  if (!isJsonObject(call)) return refuse("tools", "a tool call is no object");
  const inner = isJsonObject(call["function"]) ? call["function"] : call;
  const name = inner["name"];
  if (typeof name !== "string" || name === "") return refuse("tools", "a tool call has no name");
  desk.calls++;
  const id = textOf(call["id"] ?? call["call_id"]) ?? `call_${desk.calls}`;
  desk.open.push(id);
  return { id, name, ...argumentsOf(inner["arguments"] ?? inner["args"] ?? inner["input"], `${at}/arguments`, desk) };
}

/** Which call a result answers: the one it names, else the oldest without a result. */
export function answeredCall(named: Json | undefined, desk: Desk): string | undefined {
  const id = textOf(named);
  if (id === undefined) return desk.open.shift();
  const place = desk.open.indexOf(id);
  if (place >= 0) desk.open.splice(place, 1);
  return id;
}

/** Arguments are held as an object; text that is none stays beside an empty one, and is remarked. No text at all means no arguments. */
function argumentsOf(foreign: Json | undefined, at: string, desk: Desk): Pick<ToolCall, "arguments" | "argumentsText"> {
  if (foreign === undefined || foreign === null) return { arguments: {} };
  if (isJsonObject(foreign)) return { arguments: foreign };
  const text = typeof foreign === "string" ? foreign : canonicalJson(foreign);
  if (text.trim() === "") return { arguments: {} };
  const parsed = typeof foreign === "string" ? parseJson(text) : foreign;
  if (isJsonObject(parsed)) return { arguments: parsed };
  desk.remarks.push({ rule: "tool-arguments", message: "the arguments of a tool call are no JSON object", at });
  return { arguments: {}, argumentsText: text };
}

const held: ReadonlySet<string> = new Set(["name", "description", "parameters", "input_schema", "type"]);

/** Reads tools in the spellings of OpenAI (new, legacy, Responses) and Anthropic, also as JSON text; an empty list is none. */
export function readTools(foreign: Json | undefined, desk: Desk): readonly Tool[] | Refused | undefined {
  if (foreign === undefined || foreign === null || foreign === "") return undefined;
  const list = unpacked(foreign);
  if (!isList(list)) return refuse("tools", "`tools` is no list");
  const tools: Tool[] = [];
  for (const [index, item] of list.entries()) {
    const tool = readTool(item, `/tools/${index}`, desk);
    if (tool === undefined) return refuse("tools", `tool ${index + 1} is no function with a name`);
    tools.push(tool);
  }
  return tools.length === 0 ? undefined : tools;
}

function readTool(item: Json, at: string, desk: Desk): Tool | undefined {
  if (!isJsonObject(item)) return undefined;
  const inner = isJsonObject(item["function"]) ? item["function"] : item;
  const { name, description } = inner;
  if (typeof name !== "string" || name === "") return undefined;
  const parameters = inner["parameters"] ?? inner["input_schema"];
  const rest: Draft<JsonObject> = Object.fromEntries(Object.entries(inner).filter(([key, value]) => !held.has(key) && value !== null));
  if (Object.keys(rest).length > 0) desk.unread.push([at, rest]);
  return { name, description: textOf(description) ?? "", parameters: isJsonObject(parameters) ? parameters : {} };
}
