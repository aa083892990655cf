import type { Kind } from "../schema/content.ts";
import { newExampleSchema } from "../schema/example.ts";
import { jsonPathOf } from "../schema/filter-fields.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { firstProblem } from "../schema/strict.ts";
import { noObject, rowOf, unpacked } from "./columns.ts";
import type { ReadContext, Reading, Refused } from "./format.ts";
import type { Gathered, Turn } from "./mapping-content.ts";
import { contentOf, isCut } from "./mapping-content.ts";
import type { MapField } from "./mapping-fields.ts";
import { contentFields, describedFields, messageField, openField, sideFields } from "./mapping-fields.ts";
import type { MapEntry } from "./mapping-parse.ts";
import type { Place } from "./mapping-path.ts";
import { withoutPlaces } from "./mapping-path.ts";
import type { BoundValue } from "./mapping-value.ts";
import { bindValue, evaluate } from "./mapping-value.ts";
import { given, refuse } from "./reading.ts";
import { createDesk, unreadOf } from "./tool-calls.ts";

/** One entry of a map, ready to read rows. */
export interface Binding {
  readonly entry: MapEntry;
  readonly value: BoundValue;
  readonly field: MapField;
}

/** Makes an entry ready. */
export function bindEntry(entry: MapEntry): Binding {
  return { entry, value: bindValue(entry.value), field: entry.role === undefined ? fieldOf(entry.field) : messageField };
}

/** What a binding gives for one row: a value, nothing, or why the row is refused. */
export function readBinding(
  { entry, value, field }: Binding,
  row: JsonObject,
): { readonly value?: Json; readonly place?: Place } | Refused {
  const result = evaluate(value, row);
  if ("problem" in result) return refuse("value", result.problem);
  const found = result.place === undefined ? {} : { place: result.place };
  if (result.value === undefined || (result.value === "" && field !== anything)) return found;
  const fitting = field.read(result.value);
  return fitting === undefined
    ? refuse("value", `\`${value.column}\` does not fit \`${entry.field}\`, which is ${field.wants}`)
    : { ...found, value: fitting };
}

/** Reads one foreign row by the bindings of a map. */
export function readMapped(foreign: Json, context: ReadContext, kind: Kind, bindings: readonly Binding[]): Reading {
  const row = rowOf(foreign, context);
  if (row === undefined) return noObject;
  const sheet: Sheet = { values: new Map(), turns: [], described: [], open: [], taken: [] };
  for (const binding of bindings) {
    const read = readBinding(binding, row);
    if ("refused" in read) return read;
    if (read.place !== undefined) sheet.taken.push(read.place);
    if (read.value !== undefined) put(sheet, binding, read.value, kind);
  }
  return exampleOf(sheet, kind, row);
}

const anything: MapField = { wants: "any value", read: (value) => value };

function fieldOf(name: string): MapField {
  if (jsonPathOf(name) !== undefined) return anything;
  return contentFields[name] ?? describedFields[name] ?? openField;
}

/** What the bindings found in one row. */
interface Sheet extends Gathered {
  readonly values: Map<string, Json>;
  readonly turns: Turn[];
  readonly described: [string, Json][];
  /** Places in `metadata` and `features`; no members = the whole. */
  readonly open: { readonly root: string; readonly members: readonly string[]; readonly value: Json }[];
  readonly taken: Place[];
}

function put(sheet: Sheet, { entry, value: { column } }: Binding, value: Json, kind: Kind): void {
  const { field, role } = entry;
  const side = sideFields.find((name) => name === field);
  if (side !== undefined) sheet.turns.push({ side, value, column, ...(role === undefined ? {} : { role }) });
  else if (field === "input") sheet.turns.push({ side: "prompt", role: "user", value, column });
  else if (field === "output")
    sheet.turns.push({ side: kind === "preference" ? "chosen" : "completion", role: "assistant", value, column });
  else if (Object.hasOwn(contentFields, field)) sheet.values.set(field, value);
  else if (Object.hasOwn(describedFields, field)) sheet.described.push([field, value]);
  else {
    const { root, members } = jsonPathOf(field) ?? { root: field, members: [] };
    sheet.open.push({ root, members, value });
  }
}

function exampleOf(sheet: Sheet, kind: Kind, row: JsonObject): Reading {
  const desk = createDesk();
  const content = contentOf(kind, sheet, desk);
  if ("refused" in content) return content;
  const parsed = newExampleSchema.safeParse({ kind, ...content.members, ...describedMembers(sheet.described) });
  if (!parsed.success) {
    const { path, message } = firstProblem(parsed.error);
    return refuse("shape", `\`${path.join(".")}\` ${message}`);
  }
  const left = unmapped(row, sheet.taken, isCut(sheet) ? [["truncated", true]] : [], unreadOf(desk, "map"));
  const metadata = filled("metadata", sheet, left);
  const features = filled("features", sheet, {});
  return given(
    {
      ...parsed.data,
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
      ...(Object.keys(features).length === 0 ? {} : { features }),
    },
    desk.remarks,
  );
}

/** `engagement.likes` becomes a member of `engagement`. */
function describedMembers(described: readonly (readonly [string, Json])[]): JsonObject {
  const prefix = "engagement.";
  const counts = described.filter(([field]) => field.startsWith(prefix));
  const plain = Object.fromEntries(described.filter(([field]) => !field.startsWith(prefix)));
  return counts.length === 0
    ? plain
    : { ...plain, engagement: Object.fromEntries(counts.map(([field, value]) => [field.slice(prefix.length), value])) };
}

/** What no entry took, under its own name; the members of a column `metadata` under theirs. */
function unmapped(row: JsonObject, taken: readonly Place[], ...more: readonly (readonly (readonly [string, Json])[])[]): JsonObject {
  const left = withoutPlaces(row, taken).flatMap(([column, value]): (readonly [string, Json])[] => {
    if (value === null) return [];
    const members = column === "metadata" ? unpacked(value) : undefined;
    return isJsonObject(members) ? Object.entries(members) : [[column, value]];
  });
  return Object.fromEntries([...left, ...more.flat()]);
}

/** Mapped places win over columns of the same name. */
function filled(root: string, sheet: Sheet, start: JsonObject): JsonObject {
  return sheet.open
    .filter((place) => place.root === root)
    .reduce((object, { members, value }) => withMember(object, members, value), start);
}

function withMember(object: JsonObject, [member, ...deeper]: readonly string[], value: Json): JsonObject {
  if (member === undefined) return isJsonObject(value) ? { ...object, ...value } : object;
  const inside = Object.hasOwn(object, member) ? object[member] : undefined;
  return { ...object, [member]: deeper.length === 0 ? value : withMember(isJsonObject(inside) ? inside : {}, deeper, value) };
}
