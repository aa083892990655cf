import { TilthError } from "../errors.ts";
import { unpacked } from "../formats/columns.ts";
import type { MapField } from "../formats/mapping-fields.ts";
import { contentFields, describedFields, fieldAliases } from "../formats/mapping-fields.ts";
import { isList } from "../formats/reading.ts";
import type { Kind, Role } from "../schema/content.ts";
import type { Example, NewExample } from "../schema/example.ts";
import { exampleToJson, newExampleSchema } from "../schema/example.ts";
import { jsonPathOf } from "../schema/filter-fields.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";
import { nearest } from "../text/nearest.ts";
import type { FieldChange } from "./field-changes.ts";
import { fieldChanges } from "./field-changes.ts";

/** What an edit says: values by field, or the whole example as it should be. */
export type Edit =
  /** `null` takes a value away. In `metadata` and `features` a text that is JSON counts as what it says: `"5"` in quotes is a text. */
  { readonly set: Readonly<Record<string, Json>> } | { readonly example: JsonObject };

/**
 * Applies an edit to an example; what Tilth computes stays out of reach.
 *
 * @returns The example as it would enter now, with its id and who made it when.
 * @throws {@link TilthError} `input/invalid` for a field that the kind has not, a value it cannot hold, or a computed field that differs.
 */
export function editedExample(example: Example, edit: Edit): NewExample {
  const before = exampleToJson(example);
  const after = "set" in edit ? withValues(example.kind, before, edit.set) : wholeExample(before, edit.example);
  return enteringExample(after);
}

/**
 * An example as it would enter now, with its id and who made it when: without what Tilth computes.
 *
 * @throws {@link TilthError} `input/invalid` for a value that does not fit.
 */
export function enteringExample(json: JsonObject): NewExample {
  const parsed = newExampleSchema.safeParse(Object.fromEntries(Object.entries(json).filter(([name]) => !computed.has(name))));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusal(issue?.path.join(".") || "example", issue?.message ?? "does not fit");
}

/** What an edit would change, as far as it lies in its reach: what people compare when somebody else was first. */
export function changesOfEdit(example: Example, edit: Edit): readonly FieldChange[] {
  const before = exampleToJson(example);
  return "set" in edit
    ? fieldChanges(before, withValues(example.kind, before, edit.set))
    : fieldChanges(reachable(before), reachable(edit.example));
}

function reachable(json: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !fixed.has(name)));
}

/** What an edit cannot set, and why. */
const computed: ReadonlyMap<string, string> = new Map([
  ["rev", "it counts the edits"],
  ["importId", "it names the import it came with"],
  ["quality", "`tilth score` or --score computes it"],
  ["reviewStatus", "reviewers decide it"],
  ["lifecycle", "`tilth trash`, `tilth restore` and `tilth archive` change it"],
  ["updatedAt", "it is when the last edit was made"],
  ["contentHash", "it follows from the content"],
  ["inputHash", "it follows from the content"],
]);

/** What is kept as it is although a new example could say it. */
const fixed: ReadonlyMap<string, string> = new Map([
  ...computed,
  ["id", "it names the example for good"],
  ["kind", "an example of another kind is a new one: `tilth add`"],
  ["createdAt", "it says when the example entered"],
  ["createdBy", "it says who brought the example in"],
  ["subjectId", "it is a keyed hash, computed where the record enters"],
]);

function wholeExample(before: JsonObject, given: JsonObject): JsonObject {
  for (const [name, reason] of fixed) {
    const value = given[name];
    if (value !== undefined && canonicalJson(value) !== canonicalJson(before[name] ?? null))
      throw refusal(name, `no edit changes it: ${reason}`);
  }
  const kept = Object.entries(before).filter(([name]) => fixed.has(name));
  return { ...Object.fromEntries(kept), ...given };
}

function withValues(kind: Kind, before: JsonObject, set: Readonly<Record<string, Json>>): JsonObject {
  let json = before;
  for (const [name, value] of Object.entries(set)) json = withValue(kind, json, fieldAliases[name] ?? name, value);
  return json;
}

function withValue(kind: Kind, json: JsonObject, name: string, value: Json): JsonObject {
  const path = jsonPathOf(name);
  if (path !== undefined) return withMember(json, [path.root, ...path.members], value === null ? undefined : quotedValue(value));
  if (openRoots.includes(name)) return withMember(json, [name], value === null ? undefined : readAs(name, openObject, value));
  const described = Object.hasOwn(describedFields, name) && !fixed.has(name) ? describedFields[name] : undefined;
  if (described !== undefined) return withMember(json, name.split("."), value === null ? undefined : readAs(name, described, value));
  const place = Object.hasOwn(contentPlaces[kind], name) ? contentPlaces[kind][name] : undefined;
  const content = Object.hasOwn(contentFields, name) ? contentFields[name] : undefined;
  if (place === undefined || content === undefined) throw unknownField(kind, name);
  return place(json, value === null ? undefined : readAs(name, content, value), name);
}

const openRoots: readonly string[] = ["metadata", "features", "engagement"];
const openObject: MapField = {
  wants: "a JSON object",
  read: (value) => {
    const object = unpacked(value);
    return isJsonObject(object) ? object : undefined;
  },
};

function readAs(name: string, field: MapField, value: Json): Json {
  const read = field.read(value);
  if (read === undefined) throw refusal(name, `it must be ${field.wants}`);
  return read;
}

/** A text that is JSON counts as what it says. */
function quotedValue(value: Json): Json {
  if (typeof value !== "string") return value;
  try {
    const said: Json = JSON.parse(value);
    return said;
  } catch {
    return value; // a plain word, as most are
  }
}

/** Puts a value at a place, or takes away what is there. */
function withMember(json: JsonObject, [name = "", ...inner]: readonly string[], value: Json | undefined): JsonObject {
  const { [name]: there, ...others } = json;
  const held = inner.length === 0 ? value : withMember(isJsonObject(there) ? there : {}, inner, value);
  return held === undefined ? others : { ...json, [name]: held };
}

/** Puts a value into the content; undefined takes it away. */
type Place = (json: JsonObject, value: Json | undefined, name: string) => JsonObject;

const member: Place = (json, value, name) => withMember(json, name.split("."), value);
const label: Place = (json, value, name) => withMember(json, ["labels", name], value);

/** The last message of a role, made where there is none; a side as a whole may be given as a list of messages. */
const said =
  (side: string, role: Role): Place =>
  (json, value, name) => {
    const list = name === side && value !== undefined ? unpacked(value) : undefined;
    if (list !== undefined && isList(list)) return withMember(json, [side], list);
    const messages = messagesOf(json, side);
    const last = messages.findLastIndex((message) => message["role"] === role);
    if (value === undefined) return withMember(json, [side], messages.toSpliced(last, last < 0 ? 0 : 1));
    // What a message held beside its text, such as tool calls, stays; foreign parts would contradict the new text.
    const { parts: _, ...before } = messages[last] ?? { role };
    return withMember(
      json,
      [side],
      last < 0 ? [...messages, { ...before, content: value }] : messages.with(last, { ...before, content: value }),
    );
  };

/** The system prompt before everything else. */
const system =
  (side: string): Place =>
  (json, value) => {
    const others = messagesOf(json, side).filter((message, index) => index > 0 || message["role"] !== "system");
    return withMember(json, [side], value === undefined ? others : [{ role: "system", content: value }, ...others]);
  };

function messagesOf(json: JsonObject, side: string): readonly JsonObject[] {
  const messages = json[side];
  return messages !== undefined && isList(messages) ? messages.filter(isJsonObject) : [];
}

/** By the names that maps and filters use. */
const contentPlaces: { readonly [K in Kind]: Readonly<Record<string, Place>> } = {
  chat: {
    input: said("messages", "user"),
    output: said("messages", "assistant"),
    system: system("messages"),
    messages: member,
    context: member,
    tools: member,
    reference: member,
  },
  preference: {
    input: said("prompt", "user"),
    output: said("chosen", "assistant"),
    chosen: said("chosen", "assistant"),
    rejected: said("rejected", "assistant"),
    system: system("prompt"),
    prompt: said("prompt", "user"),
    reason: member,
    margin: member,
    tools: member,
  },
  rating: {
    input: said("prompt", "user"),
    output: said("completion", "assistant"),
    completion: said("completion", "assistant"),
    system: system("prompt"),
    prompt: said("prompt", "user"),
    label: member,
    tools: member,
  },
  text: { text: member },
  classification: { text: member, intent: label, sentiment: label, persona: label, categories: label, entities: member },
  extraction: { "document.url": member, "document.title": member, "document.content": member, items: member },
  steps: { prompt: member, steps: member },
};

function unknownField(kind: Kind, name: string): TilthError {
  const [root = ""] = name.split(".");
  const reason = fixed.get(root);
  if (reason !== undefined) return refusal(name, `no edit changes it: ${reason}`);
  const fields = [...Object.keys(contentPlaces[kind]), ...Object.keys(describedFields).filter((field) => !fixed.has(field)), ...openRoots];
  if (Object.hasOwn(contentFields, name))
    return refusal(name, `an example of kind ${kind} has none; its own fields are ${Object.keys(contentPlaces[kind]).join(", ")}`);
  const meant = nearest(name, fields);
  return refusal(name, `there is no such field${meant === undefined ? `; there are ${fields.join(", ")}` : `; the nearest is ${meant}`}`);
}

function refusal(where: string, problem: string): TilthError {
  return new TilthError("input/invalid", { where, problem });
}
