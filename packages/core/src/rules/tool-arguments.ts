import type { Tool, ToolCall } from "../schema/content.ts";
import type { Remark } from "../schema/finding.ts";
import { schemaProblem } from "./json-schema.ts";
import { nothing, type Rule } from "./rule.ts";
import { conversationsOf } from "./texts.ts";

/**
 * Flags calls of tools a trainer would stumble over: arguments that are no JSON object, that do not fit what the tool declares, or a tool
 * that nobody declared. Where an example declares no tools at all, only the first is looked at.
 */
export const toolArguments: Rule = {
  name: "tool-arguments",
  severity: "warning",
  check(example) {
    if (example.kind === "chat" && example.messages.every(({ toolCalls }) => toolCalls === undefined)) return nothing;
    const tools = "tools" in example ? example.tools : undefined;
    const remarks: Remark[] = [];
    for (const { messages, at } of conversationsOf(example)) {
      for (const [index, { toolCalls }] of messages.entries()) {
        for (const [number, call] of (toolCalls ?? []).entries()) {
          const message = problemOf(call, tools);
          const place = `${at(index)}/toolCalls/${number}`;
          if (message !== undefined && !remarks.some((remark) => remark.at === place)) remarks.push({ message, at: place });
        }
      }
    }
    return remarks.length === 0 ? nothing : remarks;
  },
};

function problemOf(call: ToolCall, tools: readonly Tool[] | undefined): string | undefined {
  if (call.argumentsText !== undefined) return "the arguments are no JSON object";
  if (tools === undefined || tools.length === 0) return undefined;
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) return "the tool is none of those declared";
  const problem = schemaProblem(tool.parameters, call.arguments);
  return problem === undefined ? undefined : `the arguments do not fit the tool: ${problem}`;
}
