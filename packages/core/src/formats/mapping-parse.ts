import { TilthError } from "../errors.ts";
import type { ImportMap } from "../schema/config.ts";
import type { Role } from "../schema/content.ts";
import { isPlainField, jsonFieldName, jsonPathOf } from "../schema/filter-fields.ts";
import { nearest } from "../text/nearest.ts";
import { contentFields, describedFields, fieldAliases, openFields, sideFields } from "./mapping-fields.ts";
import type { MapValue } from "./mapping-syntax.ts";
import { mapSyntaxError, parseValue, printValue } from "./mapping-syntax.ts";

/** One `FIELD=VALUE`. */
export interface MapEntry {
  /** The field in its one spelling, without a role. */
  readonly field: string;
  /** Of a message; absent = the whole side, or one message of the role that speaks there. */
  readonly role?: Role;
  readonly value: MapValue;
  /** As it was given, for messages. */
  readonly entry: string;
}

/**
 * Reads `--map FIELD=VALUE`, in the order given. A role may come again, as the next message: it is told apart as `messages[user:2]`.
 *
 * @throws {@link TilthError} `map/syntax`, `map/unknown-field`.
 * @example
 * parseMapArguments(["messages[user]=q", "messages[assistant]=a", "domain='code'"]);
 */
export function parseMapArguments(list: readonly string[]): ImportMap {
  return asMap(parseEntries(list.map((entry) => ({ entry, fieldEnd: equalsSign(entry) }))));
}

/**
 * Parses the entries of a map.
 *
 * @throws {@link TilthError} `map/syntax`, `map/unknown-field`.
 */
export function parseMap(map: ImportMap): readonly MapEntry[] {
  return parseEntries(Object.entries(map).map(([field, value]) => ({ entry: `${field}=${value}`, fieldEnd: field.length })));
}

/**
 * A map as `FIELD=VALUE` lines in their one spelling, for reports and dry runs; {@link parseMapArguments} reads them back. The order is that
 * of messages, so keep lines rather than an object whose keys something sorts.
 *
 * @throws {@link TilthError} `map/syntax`, `map/unknown-field`.
 */
export function printMap(map: ImportMap): readonly string[] {
  return Object.entries(asMap(parseMap(map))).map(([field, value]) => `${field}=${value}`);
}

/** Entries as a map in its one spelling. */
export function asMap(entries: readonly MapEntry[]): ImportMap {
  const used = new Map<string, number>();
  return Object.fromEntries(
    entries.map(({ field, role, value }) => {
      const name = role === undefined ? field : `${field}[${role}]`;
      const turn = (used.get(name) ?? 0) + 1;
      used.set(name, turn);
      return [turn === 1 ? name : `${field}[${role}:${turn}]`, printValue(value)];
    }),
  );
}

interface RawEntry {
  readonly entry: string;
  /** Index of the equals sign. */
  readonly fieldEnd: number;
}

/** The first equals sign that is not inside a quoted member of `metadata`. */
function equalsSign(entry: string): number {
  const before = /^(?:"[^"]*"|[^="])*/.exec(entry)?.[0].length ?? 0;
  if (entry[before] === "=") return before;
  throw mapSyntaxError(
    entry,
    before,
    entry[before] === '"' ? "the quote is never closed" : "there is no equals sign",
    entry[before] === '"' ? 'a closing "' : "FIELD=VALUE",
  );
}

function parseEntries(list: readonly RawEntry[]): readonly MapEntry[] {
  const entries: MapEntry[] = [];
  for (const raw of list) {
    const entry = parseEntry(raw);
    const clash =
      entry.role === undefined ? entries.find((other) => other.role === undefined && overlaps(other.field, entry.field)) : undefined;
    if (clash !== undefined) throw mapSyntaxError(raw.entry, 0, `${clash.field} is mapped already`, "each field once");
    entries.push(entry);
  }
  return entries;
}

/** True for the same field, and for a place in JSON inside another; the whole of `metadata` may have members beside it. */
function overlaps(one: string, other: string): boolean {
  if (one === other) return true;
  const [outer, inner] = [jsonPathOf(one), jsonPathOf(other)];
  if (outer === undefined || inner === undefined || outer.root !== inner.root) return false;
  const shared = Math.min(outer.members.length, inner.members.length);
  return outer.members.slice(0, shared).every((member, index) => member === inner.members[index]);
}

function parseEntry({ entry, fieldEnd }: RawEntry): MapEntry {
  return { ...parseTarget(entry, fieldEnd), value: parseValue(entry, fieldEnd + 1), entry };
}

const roles: readonly Role[] = ["system", "user", "assistant", "tool"];
const WITH_ROLE = /^([^[]*)\[([^\]]*)(\]?)(.*)$/su;
const ROLE = /^\s*([^:]*?)\s*(?::\s*[1-9]\d*\s*)?$/u;

function parseTarget(entry: string, fieldEnd: number): Pick<MapEntry, "field" | "role"> {
  const text = entry.slice(0, fieldEnd).trim();
  if (text === "") throw mapSyntaxError(entry, 0, "there is no field before the equals sign", "FIELD=VALUE");
  if (openFields.some((root) => text === root || text.startsWith(`${root}.`))) return { field: openName(text) };
  const [, name, inside = "", close, after] = WITH_ROLE.exec(text) ?? [];
  if (name === undefined) return { field: fieldName(text) };
  const field = fieldName(name.trim());
  const at = entry.indexOf("[") + 1;
  if (close === "") throw mapSyntaxError(entry, at - 1, "the bracket is never closed", "a closing `]`");
  if (after !== "") throw mapSyntaxError(entry, at + inside.length + 1, "something stands after the role", "an equals sign");
  if (!sideFields.some((side) => side === field))
    throw mapSyntaxError(entry, at - 1, `${field} takes no role`, `\`${field}\`, or a role after ${sideFields.join(", ")}`);
  const word = ROLE.exec(inside)?.[1];
  const role = roles.find((known) => known === word);
  if (role !== undefined) return { field, role };
  const meant = nearest(word ?? inside, roles);
  throw mapSyntaxError(entry, at, `there is no role \`${inside}\``, meant === undefined ? `one of ${roles.join(", ")}` : `\`${meant}\``);
}

function openName(text: string): string {
  if (openFields.some((root) => text === root)) return text;
  const path = jsonPathOf(text);
  if (path === undefined)
    throw new TilthError("map/unknown-field", { field: text, hint: 'A place in it is written as metadata.name or metadata."a name".' });
  return jsonFieldName(path);
}

const mappable: readonly string[] = ["kind", ...Object.keys(contentFields), ...Object.keys(describedFields)];

function fieldName(name: string): string {
  const field = (Object.hasOwn(fieldAliases, name) ? fieldAliases[name] : undefined) ?? name;
  if (mappable.includes(field)) return field;
  throw new TilthError("map/unknown-field", { field: name, hint: hintFor(name) });
}

/** Fields that somebody could rightly look for. */
const notMapped: { readonly [field: string]: string | undefined } = {
  id: "Ids are made here; a foreign id belongs to sourceId.",
  subjectId: "It is a keyed hash and is computed here; keep the foreign name in no field.",
};

function hintFor(name: string): string {
  const reason = Object.hasOwn(notMapped, name) ? notMapped[name] : undefined;
  if (reason !== undefined) return reason;
  const meant = nearest(name, [...mappable, ...Object.keys(fieldAliases)]);
  if (meant !== undefined && !isPlainField(name)) return `The nearest is ${meant}.`;
  if (isPlainField(name)) return "Tilth sets it itself.";
  return `Fields are ${mappable.join(", ")}, metadata.NAME and features.NAME.`;
}
