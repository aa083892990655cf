import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";
import { isList } from "./reading.ts";

/** What a list of content parts says. */
export interface Parts {
  /** Text parts with a line feed between them. */
  readonly text: string;
  readonly reasoning?: string;
  /** Foreign tool calls, in order. */
  readonly calls: readonly Json[];
  /** Results of tools that stand inside a message of the user. */
  readonly results: readonly { readonly callId: Json | undefined; readonly content: string }[];
  /** True when something is neither of these, such as an image: then the parts are kept beside the text. */
  readonly other: boolean;
}

/** Takes content apart: `{ type, text }` of OpenAI and Anthropic, `{ type, value }` of LLaMA-Factory, plain strings. */
export function readParts(parts: readonly Json[]): Parts {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const calls: Json[] = [];
  const results: { callId: Json | undefined; content: string }[] = [];
  let other = false;
  for (const part of parts) {
    const what = isJsonObject(part) ? partTypes.get(part["type"] ?? "text") : "text";
    const body = isJsonObject(part) ? bodyOf(part) : part;
    if (what === "text" && typeof body === "string") texts.push(body);
    else if (what === "thought" && typeof body === "string") thoughts.push(body);
    // LLaMA-Factory puts the call into `value`, as JSON text; the others are the call themselves.
    else if (what === "call" && isJsonObject(part)) calls.push(part["value"] ?? part);
    else if (what === "result" && isJsonObject(part))
      results.push({ callId: part["tool_use_id"], content: contentText(part["content"] ?? "") });
    else other = true;
  }
  const said = { text: texts.join("\n"), calls, results, other };
  return thoughts.length === 0 ? said : { ...said, reasoning: thoughts.join("\n") };
}

const partTypes: ReadonlyMap<Json, "text" | "thought" | "call" | "result"> = new Map([
  ["text", "text"],
  ["input_text", "text"],
  ["output_text", "text"],
  ["reasoning", "thought"],
  ["thinking", "thought"],
  ["tool_call", "call"],
  ["tool_use", "call"],
  ["function_call", "call"],
  ["tool_result", "result"],
]);

/** The text of a tool's result: text and text parts as they are, everything else as canonical JSON. */
export function contentText(content: Json): string {
  if (typeof content === "string") return content;
  if (content === null) return "";
  if (isList(content) && content.length > 0) {
    const parts = readParts(content);
    if (!parts.other && parts.calls.length === 0 && parts.results.length === 0) return parts.text;
  }
  return canonicalJson(content);
}

function bodyOf(part: JsonObject): Json | undefined {
  return part["text"] ?? part["value"] ?? part["thinking"] ?? part["reasoning"];
}
