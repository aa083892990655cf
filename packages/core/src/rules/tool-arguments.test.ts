import { expect, test } from "vitest";
import type { Tool, ToolCall } from "../schema/content.ts";
import type { JsonObject } from "../schema/json.ts";
import { toolArguments } from "./tool-arguments.ts";

const weather: Tool = {
  name: "weather",
  description: "",
  parameters: {
    type: "object",
    properties: {
      city: { type: "string" },
      days: { type: "integer" },
      unit: { enum: ["C", "F"] },
      spots: { type: "array", items: { type: "object", properties: { x: { type: "number" } }, required: ["x"] } },
    },
    required: ["city"],
    additionalProperties: false,
  },
};

function found(call: Partial<ToolCall>, tools: readonly Tool[] | undefined = [weather]): readonly string[] {
  const toolCalls = [{ id: "1", name: "weather", arguments: {}, ...call }];
  const example = {
    kind: "chat",
    messages: [
      { role: "user", content: "?" },
      { role: "assistant", content: "", toolCalls },
    ],
    ...(tools === undefined ? {} : { tools }),
  } as const;
  return toolArguments.check(example, { thresholds: {} }).map(({ at, message }) => `${at} ${message}`);
}
const problem = (given: JsonObject): string | undefined => found({ arguments: given })[0]?.replace(/^.*the tool: /, "");

test("arguments that fit are fine", () => {
  expect(found({ arguments: { city: "Paris", days: 2, unit: "C", spots: [{ x: 1.5 }] } })).toEqual([]);
});

test("finds arguments that were no JSON object", () => {
  expect(found({ argumentsText: "{city: Paris" })).toEqual(["/messages/1/toolCalls/0 the arguments are no JSON object"]);
});

test("finds a tool that is not declared, unless none is", () => {
  expect(found({ name: "wether" })).toEqual(["/messages/1/toolCalls/0 the tool is none of those declared"]);
  expect(found({ name: "wether" }, [])).toEqual([]);
});

test("says what does not fit, never with what value", () => {
  expect(problem({})).toBe("city is missing");
  expect(problem({ city: 7 })).toBe("city is no string");
  expect(problem({ city: "Paris", days: 1.5 })).toBe("days is no integer");
  expect(problem({ city: "Paris", unit: "K" })).toBe("unit is none of its values");
  expect(problem({ city: "Paris", secret: 1 })).toBe("there is a member too many");
  expect(problem({ city: "Paris", spots: [{}] })).toBe("x is missing");
});

test("lets pass what it does not know", () => {
  const python: Tool = { ...weather, parameters: { type: "dict", properties: { at: { type: "tuple" } } } };
  expect(found({ arguments: { at: [1, 2], more: true } }, [python])).toEqual([]);
});

test("a call in the prompt of a preference is told once", () => {
  const prompt = [
    { role: "user", content: "?" },
    { role: "assistant", content: "", toolCalls: [{ id: "1", name: "x", arguments: {} }] },
  ] as const;
  const answer = [{ role: "assistant", content: "x" }] as const;
  const remarks = toolArguments.check(
    { kind: "preference", prompt, chosen: answer, rejected: answer, tools: [weather] },
    { thresholds: {} },
  );
  expect(remarks.map(({ at }) => at)).toEqual(["/prompt/1/toolCalls/0"]);
});
