import type { JsonObject } from "@tilth/core";

type Schema = Readonly<Record<string, unknown>>;

/**
 * A JSON Schema as a person reads it: `{ name: string, limit?: integer 1…1000 = 100 }`, a member a line, words behind `//`.
 *
 * @param schemas - What `$ref` leads to; a schema that holds itself is named inside itself.
 */
export function schemaText(schema: unknown, schemas: JsonObject): string {
  return textOf(schema, { schemas, indent: "", inside: [] });
}

interface Place {
  readonly schemas: JsonObject;
  readonly indent: string;
  /** Names of the schemas around this one. */
  readonly inside: readonly string[];
}

function textOf(value: unknown, place: Place): string {
  if (value === true) return "anything";
  const schema = objectOf(value);
  const reference = schema["$ref"];
  if (typeof reference === "string") return referenceText(reference, place);
  if ("const" in schema) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"])) return schema["enum"].map((one) => JSON.stringify(one)).join(" | ") + defaultOf(schema);
  const choices = listOf(schema["anyOf"] ?? schema["oneOf"]);
  if (choices.length > 0) return choices.map((choice) => textOf(choice, place)).join(" | ");
  const { type } = schema;
  if (Array.isArray(type)) return type.map((one) => textOf({ ...schema, type: one }, place)).join(" | ");
  if (type === "array") return `${grouped(textOf(schema["items"] ?? true, place))}[]${rangeOf(schema, "minItems", "maxItems")}`;
  if (type === "object" || "properties" in schema) return objectText(schema, place);
  if (typeof type !== "string") return "anything";
  const format = typeof schema["format"] === "string" ? ` (${schema["format"]})` : "";
  const range = type === "string" ? rangeOf(schema, "minLength", "maxLength", " characters") : rangeOf(schema, "minimum", "maximum");
  return `${type}${format}${range}${defaultOf(schema)}`;
}

function referenceText(reference: string, place: Place): string {
  const name = reference.split("/").at(-1) ?? "";
  if (name === "" || place.inside.includes(name) || !(name in place.schemas)) return name === "" ? "anything" : name;
  return textOf(place.schemas[name], { ...place, inside: [...place.inside, name] });
}

function objectText(schema: Schema, place: Place): string {
  const required = new Set(listOf(schema["required"]));
  const members = Object.entries(objectOf(schema["properties"]));
  const rest = schema["additionalProperties"];
  const more = typeof rest === "object" ? [`[name]: ${textOf(rest, { ...place, indent: `${place.indent}  ` })}`] : [];
  const lines = members.map(([name, member]) => {
    const description = objectOf(member)["description"];
    const words = typeof description === "string" ? `  // ${description.replaceAll("\n", " ")}` : "";
    return `${name}${required.has(name) ? "" : "?"}: ${textOf(member, { ...place, indent: `${place.indent}  ` })}${words}`;
  });
  const all = [...lines, ...more];
  if (all.length === 0) return "{}";
  return `{\n${all.map((line) => `${place.indent}  ${line}\n`).join("")}${place.indent}}`;
}

function grouped(text: string): string {
  return text.includes(" | ") && !text.startsWith("{") ? `(${text})` : text;
}

/** Bounds that say something: the largest whole number of JavaScript does not. */
function rangeOf(schema: Schema, least: string, most: string, unit = ""): string {
  const low = Number(schema[least] ?? schema["exclusiveMinimum"] ?? Number.NaN);
  const high = Number(schema[most] ?? schema["exclusiveMaximum"] ?? Number.NaN);
  const from = Number.isFinite(low) && low !== Number.MIN_SAFE_INTEGER ? String(low) : "";
  const to = Number.isFinite(high) && high !== Number.MAX_SAFE_INTEGER ? String(high) : "";
  if (to === "" && (from === "" || from === "0" || unit !== "")) return "";
  return ` ${from}…${to}${unit}`;
}

function defaultOf(schema: Schema): string {
  return "default" in schema ? ` = ${JSON.stringify(schema["default"])}` : "";
}

function objectOf(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
