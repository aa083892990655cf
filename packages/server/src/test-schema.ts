import type { Json, JsonObject } from "@tilth/core";

/**
 * Says where a value breaks a JSON Schema, one sentence each: a second opinion beside zod, which the schemas come from.
 *
 * Knows the words that our descriptions use and throws at any other, so that nothing passes because it was not understood.
 */
export function breaches(value: unknown, schema: Json, document: JsonObject, at = ""): readonly string[] {
  if (schema === true) return [];
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) throw new Error(`no schema at ${at}`);
  return Object.entries(schema).flatMap(([word, wanted]) => {
    const check = words[word];
    if (check === undefined) throw new Error(`the word ${word} at ${at} is not known here`);
    return check({ value, wanted, schema: schema as JsonObject, document, at });
  });
}

interface Checked {
  readonly value: unknown;
  readonly wanted: Json;
  readonly schema: JsonObject;
  readonly document: JsonObject;
  readonly at: string;
}

type Check = (checked: Checked) => readonly string[];

const nothing: Check = () => [];
const only =
  <T>(is: (value: unknown) => value is T, holds: (value: T, wanted: Json, schema: JsonObject) => boolean, says: string): Check =>
  ({ value, wanted, schema, at }) =>
    !is(value) || holds(value, wanted, schema)
      ? []
      : [`${at}: ${says} ${JSON.stringify(wanted)}, not ${JSON.stringify(value)?.slice(0, 80)}`];

const isNumber = (value: unknown): value is number => typeof value === "number";
const isText = (value: unknown): value is string => typeof value === "string";
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
const isAny = (_value: unknown): _value is unknown => true;

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: isList,
  string: isText,
  number: isNumber,
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

const words: Readonly<Record<string, Check>> = {
  description: nothing,
  default: nothing,
  format: nothing,
  required: ({ value, wanted, at }) =>
    isObject(value) ? (wanted as string[]).filter((name) => !(name in value)).map((name) => `${at}: ${name} is missing`) : [],
  type: only(
    isAny,
    (value, wanted) => (Array.isArray(wanted) ? wanted : [wanted]).some((type) => types[String(type as string)]?.(value) === true),
    "is to be of type",
  ),
  enum: only(isAny, (value, wanted) => (wanted as Json[]).includes(value as Json), "is to be one of"),
  const: only(isAny, (value, wanted) => value === wanted, "is to be"),
  minimum: only(isNumber, (value, wanted) => value >= Number(wanted), "is to be at least"),
  maximum: only(isNumber, (value, wanted) => value <= Number(wanted), "is to be at most"),
  exclusiveMinimum: only(isNumber, (value, wanted) => value > Number(wanted), "is to be above"),
  minLength: only(isText, (value, wanted) => [...value].length >= Number(wanted), "is to be as long as"),
  maxLength: only(isText, (value, wanted) => [...value].length <= Number(wanted), "is to be as short as"),
  pattern: only(isText, (value, wanted) => new RegExp(wanted as string, "u").test(value), "is to look like"),
  minItems: only(isList, (value, wanted) => value.length >= Number(wanted), "is to have as many items as"),
  maxItems: only(isList, (value, wanted) => value.length <= Number(wanted), "is to have as few items as"),
  items: ({ value, wanted, document, at }) =>
    isList(value) ? value.flatMap((item, index) => breaches(item, wanted, document, `${at}/${index}`)) : [],
  properties: ({ value, wanted, document, at }) =>
    isObject(value) && isObject(wanted)
      ? Object.entries(wanted).flatMap(([name, schema]) => (name in value ? breaches(value[name], schema, document, `${at}/${name}`) : []))
      : [],
  propertyNames: ({ value, wanted, document, at }) =>
    isObject(value) ? Object.keys(value).flatMap((name) => breaches(name, wanted, document, `${at}/${name}`)) : [],
  additionalProperties: ({ value, wanted, schema, document, at }) => {
    if (!isObject(value)) return [];
    const known = isObject(schema["properties"]) ? schema["properties"] : {};
    const others = Object.keys(value).filter((name) => !(name in known));
    if (wanted === false) return others.map((name) => `${at}: ${name} is not known`);
    return others.flatMap((name) => breaches(value[name], wanted, document, `${at}/${name}`));
  },
  anyOf: ({ value, wanted, document, at }) => some(value, wanted, document, at, (fits) => fits > 0),
  oneOf: ({ value, wanted, document, at }) => some(value, wanted, document, at, (fits) => fits === 1),
  $ref: ({ value, wanted, document, at }) => breaches(value, referred(document, wanted as string), document, at),
};

function some(value: unknown, wanted: Json, document: JsonObject, at: string, holds: (fits: number) => boolean): readonly string[] {
  const each = (wanted as Json[]).map((schema) => breaches(value, schema, document, at));
  return holds(each.filter((found) => found.length === 0).length)
    ? []
    : [`${at}: fits none of ${each.length}: ${each.map(([first]) => first ?? "fits").join(" | ")}`];
}

/** What a reference in a document leads to. */
export function referred(document: JsonObject, reference: string): JsonObject {
  let found: Json | undefined = document;
  for (const part of reference.replace(/^#\//, "").split("/")) found = isObject(found) ? found[part] : undefined;
  if (!isObject(found)) throw new Error(`${reference} leads nowhere`);
  return found;
}
