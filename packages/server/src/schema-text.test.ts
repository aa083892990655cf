import { expect, test } from "vitest";
import { schemaText } from "./schema-text.ts";

test("members stand in lines of their own, with their bounds, defaults and words", () => {
  const schema = {
    type: "object",
    properties: {
      name: { type: "string", minLength: 1, maxLength: 200 },
      limit: { type: "integer", minimum: 1, maximum: 1_000, default: 100, description: "How many\nat most." },
      tier: { enum: ["gold", "silver"] },
      at: { type: "string", format: "date-time" },
      rows: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    },
    required: ["name"],
    additionalProperties: false,
  };
  expect(schemaText(schema, {})).toBe(`{
  name: string 1…200 characters
  limit?: integer 1…1000 = 100  // How many at most.
  tier?: "gold" | "silver"
  at?: string (date-time)
  rows?: integer
}`);
});

test("lists, choices, maps and references are followed; what holds itself is named", () => {
  const schemas = {
    Tree: { type: "object", properties: { children: { type: "array", items: { $ref: "#/components/schemas/Tree" } } } },
    Counts: { type: "object", additionalProperties: { type: "integer" } },
  };
  const choice = { type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } };
  expect(schemaText(choice, schemas)).toBe("(string | null)[]");
  expect(schemaText({ $ref: "#/components/schemas/Counts" }, schemas)).toBe("{\n  [name]: integer\n}");
  expect(schemaText({ $ref: "#/components/schemas/Tree" }, schemas)).toBe("{\n  children?: Tree[]\n}");
  expect([schemaText({}, {}), schemaText(true, {}), schemaText({ const: true }, {})]).toEqual(["anything", "anything", "true"]);
});
