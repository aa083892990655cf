import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";

/**
 * What in a value does not fit a JSON Schema, or nothing. Tells keys of the schema, never the value.
 *
 * Reads what declarations of tools are made of: `type`, `enum`, `required`, `properties`, `additionalProperties: false`, `items`. All
 * else, and types that JSON Schema does not know, is let pass.
 */
export function schemaProblem(schema: JsonObject, value: Json, name = "the whole"): string | undefined {
  const { type, enum: allowed, properties, items } = schema;
  if (typeof type === "string" && !hasType(value, type)) return `${name} is no ${type}`;
  if (Array.isArray(type) && !type.some((each) => typeof each === "string" && hasType(value, each))) return `${name} has none of its types`;
  if (Array.isArray(allowed) && !isJsonObject(value) && !Array.isArray(value) && !allowed.includes(value))
    return `${name} is none of its values`;
  if (isJsonObject(value) && isJsonObject(properties)) return memberProblem(schema, properties, value);
  if (isList(value) && isJsonObject(items)) return firstOf(value, (entry) => schemaProblem(items, entry, `an entry of ${name}`));
  return undefined;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function memberProblem({ required, additionalProperties }: JsonObject, properties: JsonObject, value: JsonObject): string | undefined {
  const missing = Array.isArray(required) ? required.find((key) => typeof key === "string" && !Object.hasOwn(value, key)) : undefined;
  if (missing !== undefined) return `${String(missing)} is missing`;
  return firstOf(Object.entries(value), ([key, member]) => {
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (isJsonObject(own)) return schemaProblem(own, member, key);
    return own === undefined && additionalProperties === false ? "there is a member too many" : undefined;
  });
}

function firstOf<T>(entries: readonly T[], problemOf: (entry: T) => string | undefined): string | undefined {
  for (const entry of entries) {
    const problem = problemOf(entry);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function hasType(value: Json, type: string): boolean {
  const test = types.get(type);
  return test === undefined || test(value);
}

const types: ReadonlyMap<string, (value: Json) => boolean> = new Map([
  ["string", (value: Json) => typeof value === "string"],
  ["number", (value: Json) => typeof value === "number"],
  ["integer", (value: Json) => Number.isInteger(value)],
  ["boolean", (value: Json) => typeof value === "boolean"],
  ["null", (value: Json) => value === null],
  ["array", (value: Json) => Array.isArray(value)],
  ["object", isJsonObject],
]);
