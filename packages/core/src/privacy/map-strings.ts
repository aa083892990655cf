import { isJsonObject, type Json, type JsonObject } from "../schema/json.ts";

/** What becomes of each string; a function gives back the same string to leave it. */
export interface StringMapping {
  readonly key: (key: string) => string;
  /** @param key - The key the string stands under, if it is the member of an object. */
  readonly text: (text: string, key: string | undefined) => string;
}

/**
 * Maps every string and every key of a JSON value; what did not change is the same object as before.
 *
 * No depth of nesting can overflow. Keys that become equal get ` (2)`, ` (3)` …: no member is lost.
 */
export function mapStrings(value: Json, mapping: StringMapping): Json {
  return mapValue(value, mapping, undefined, 0);
}

/** Records are flat, and for those recursion takes a third of the time; what lies deeper keeps a stack of its own. */
const SHALLOW = 32;

function mapValue(value: Json, mapping: StringMapping, key: string | undefined, depth: number): Json {
  if (typeof value === "string") return mapping.text(value, key);
  if (value === null || typeof value !== "object") return value;
  if (depth === SHALLOW) return mapDeep(value, mapping);
  return isJsonObject(value) ? mapObject(value, mapping, depth + 1) : mapList(value, mapping, depth + 1);
}

function mapList(list: readonly Json[], mapping: StringMapping, depth: number): Json {
  let values: Json[] | undefined;
  for (let at = 0; at < list.length; at++) {
    const value = list[at] ?? null;
    const mapped = mapValue(value, mapping, undefined, depth);
    if (mapped !== value) values ??= [...list];
    if (values !== undefined) values[at] = mapped;
  }
  return values ?? list;
}

function mapObject(object: JsonObject, mapping: StringMapping, depth: number): Json {
  let keys: string[] | undefined;
  let names: string[] | undefined;
  let values: Json[] | undefined;
  let at = 0;
  for (const key in object) {
    const value = object[key] ?? null;
    const name = mapping.key(key);
    const mapped = mapValue(value, mapping, key, depth);
    if (name !== key || mapped !== value) {
      keys ??= Object.keys(object);
      names ??= [...keys];
      values ??= keys.map((each) => object[each] ?? null);
      names[at] = name;
      values[at] = mapped;
    }
    at++;
  }
  return names === undefined || values === undefined ? object : withMembers(names, values);
}

/** Keeps its own stack. */
export function mapDeep(value: Json, mapping: StringMapping): Json {
  const stack: Frame[] = [];
  const root = open(value, stack, mapping, undefined);
  if (root !== undefined) return root;
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const step = nextStep(frame, stack, mapping);
    if (step === undefined) continue;
    stack.pop();
    const parent = stack.at(-1);
    if (parent === undefined) return step;
    place(parent, step);
  }
  return value;
}

/** An array or object that is being walked through; `values` and `names` are made when the first change happens. */
interface Frame {
  readonly node: readonly Json[] | JsonObject;
  readonly keys: readonly string[] | undefined;
  readonly length: number;
  next: number;
  values: Json[] | undefined;
  names: string[] | undefined;
}

/** A scalar comes back mapped; a container goes on the stack. */
function open(value: Json, stack: Frame[], mapping: StringMapping, key: string | undefined): Json | undefined {
  if (typeof value === "string") return mapping.text(value, key);
  if (value === null || typeof value !== "object") return value;
  const keys = isJsonObject(value) ? Object.keys(value) : undefined;
  stack.push({
    node: value,
    keys,
    length: keys === undefined ? Number(value.length) : keys.length,
    next: 0,
    values: undefined,
    names: undefined,
  });
  return undefined;
}

/** Walks on until a container opens (nothing comes back) or the frame is done (its mapped value comes back). */
function nextStep(frame: Frame, stack: Frame[], mapping: StringMapping): Json | undefined {
  while (frame.next < frame.length) {
    const key = frame.keys?.[frame.next];
    if (key !== undefined) rename(frame, key, mapping.key(key));
    const mapped = open(childOf(frame, frame.next), stack, mapping, key);
    if (mapped === undefined) return undefined;
    place(frame, mapped);
  }
  return close(frame);
}

function childOf(frame: Frame, at: number): Json {
  const key = frame.keys?.[at];
  const child = isJsonObject(frame.node) ? frame.node[key ?? ""] : frame.node[at];
  return child ?? null;
}

function place(frame: Frame, mapped: Json): void {
  if (frame.values === undefined && mapped !== childOf(frame, frame.next)) {
    frame.values = Array.from({ length: frame.length }, (_, at) => childOf(frame, at));
  }
  if (frame.values !== undefined) frame.values[frame.next] = mapped;
  frame.next++;
}

function rename(frame: Frame, key: string, mapped: string): void {
  if (mapped === key) return;
  frame.names ??= [...(frame.keys ?? [])];
  frame.names[frame.next] = mapped;
}

function close(frame: Frame): Json {
  const { node, keys, values, names } = frame;
  if (values === undefined && names === undefined) return node;
  if (keys === undefined) return values ?? node;
  return withMembers(names ?? keys, values ?? keys.map((_, at) => childOf(frame, at)));
}

function withMembers(names: readonly string[], values: readonly Json[]): Json {
  // fromEntries defines members and so keeps a key named __proto__ an ordinary one.
  return Object.fromEntries(unique(names).map((name, at) => [name, values[at] ?? null]));
}

function unique(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let copy = 2; taken.has(free); copy++) free = `${name} (${copy})`;
    taken.add(free);
    return free;
  });
}
