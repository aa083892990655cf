import type { Example } from "../schema/example.ts";
import { exampleToJson } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";

/** One place in an example that is no longer what it was. */
export interface FieldChange {
  /** Such as `domain`, `labels.intent` or `messages[1].content`. */
  readonly field: string;
  /** Absent where there was nothing. */
  readonly before?: Json;
  /** Absent where nothing is left. */
  readonly after?: Json;
}

/** Says what is no longer what it was in an example, without what every change changes. */
export function exampleChanges(before: Example, after: Example): readonly FieldChange[] {
  return fieldChanges(told(before), told(after));
}

function told(example: Example): JsonObject {
  const { rev: _rev, updatedAt: _at, contentHash: _content, inputHash: _input, ...rest } = exampleToJson(example);
  return rest;
}

/** Says where two JSON objects differ, as near to the leaves as both have the same shape; in the order of the members, new ones last. */
export function fieldChanges(before: JsonObject, after: JsonObject): readonly FieldChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(name, member(before, name), member(after, name)));
}

/** Not what every object inherits: a record may well have a member `toString`. */
function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function differences(field: string, before: Json | undefined, after: Json | undefined): readonly FieldChange[] {
  if (before === undefined || after === undefined) return before === after ? [] : [{ field, ...present({ before, after }) }];
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (isJsonObject(before) && isJsonObject(after))
    return fieldChanges(before, after).map((change) => ({ ...change, field: `${field}.${change.field}` }));
  if (hasObjects(before) && hasObjects(after) && before.length === after.length) {
    return before.flatMap((element, index) => differences(`${field}[${index}]`, element, after[index]));
  }
  return [{ field, before, after }];
}

/** A list of words is one value; a list of messages or spans is looked into. */
function hasObjects(value: Json): value is readonly Json[] {
  return Array.isArray(value) && value.some(isJsonObject);
}

function present({ before, after }: { readonly before: Json | undefined; readonly after: Json | undefined }): Omit<FieldChange, "field"> {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
