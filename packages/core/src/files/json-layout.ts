import { isJsonObject } from "../schema/json.ts";
import type { Json } from "../schema/json.ts";

/** Where the rows of a JSON text lie. */
export type JsonLayout =
  | { readonly kind: "lines" }
  /** The text is an array of rows. */
  | { readonly kind: "array" }
  /** An object that maps labels to arrays of rows. */
  | { readonly kind: "groups" }
  /** An object with the rows in arrays of these names; where it has none of them, it is itself the one row. */
  | { readonly kind: "members"; readonly names: ReadonlySet<string> };

/**
 * Finds out where the rows lie, from the start of a text.
 *
 * An object with `messages` that are the turns of one chat is a row, not a list of rows. An object that only holds arrays maps labels to
 * rows, unless a key is a member of a row (`text`, `tokens`, `chosen` …), as in tables written by column.
 */
export function jsonLayout(head: string): JsonLayout {
  if (lineShape(head).areLines) return { kind: "lines" };
  const start = skipSpace(head, 0);
  if (head[start] === "[") return { kind: "array" };
  if (head[start] !== "{") return { kind: "members", names: new Set() };
  const { members, complete } = membersOf(head, start + 1);
  const names = new Set(rowNames);
  if (members.some((member) => member.name === "messages" && !(member.opens === "[" && holdsRows(member)))) names.delete("messages");
  if (members.some((member) => member.opens === "[" && names.has(member.name))) return { kind: "members", names };
  if (areGroups(members)) return { kind: "groups" };
  return { kind: "members", names: complete ? new Set() : names };
}

/** How many of the first lines are JSON objects or arrays by themselves; a last line that is cut off counts if it begins like one. */
export function lineShape(head: string): { readonly values: number; readonly others: number; readonly areLines: boolean } {
  let values = 0;
  let others = 0;
  let from = 0;
  while (from < head.length && values + others < sniffedLines) {
    const end = head.indexOf("\n", from);
    const line = head.slice(from, end === -1 ? head.length : end).trim();
    from = end === -1 ? head.length : end + 1;
    if (line === "") continue;
    if (isContainer(line) || (end === -1 && values > 0 && /^[[{]/.test(line))) values++;
    else if (end !== -1 || !/^[[{]/.test(line)) others++;
  }
  return { values, others, areLines: values > 1 && values > others };
}

const sniffedLines = 50;
const rowNames: readonly string[] = ["data", "examples", "rows", "items", "samples", "messages"];

/** Members of one row that are often arrays: an object with such a key is no map of labels. */
const rowMembers = new Set(
  "messages conversations conversation prompt chosen rejected completion text texts sentence input output instruction question answer response label labels tokens tags ner_tags tools".split(
    " ",
  ),
);

interface Member {
  readonly name: string;
  /** The character the value begins with. */
  readonly opens: string;
  /** The character its first element begins with, if it is an array. */
  readonly firstOpens: string;
  readonly first: Json | undefined;
}

function areGroups(members: readonly Member[]): boolean {
  const isGroup = (member: Member): boolean =>
    member.opens === "[" && !rowMembers.has(member.name) && '{"]'.includes(member.firstOpens) && !isTurn(member.first);
  return members.every(isGroup) && members.some((member) => member.firstOpens !== "]");
}

function holdsRows(member: Member): boolean {
  return member.first !== undefined && !isTurn(member.first);
}

/** A message of one chat, as OpenAI or as ShareGPT writes it. */
function isTurn(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false;
  return (
    ("role" in value && ["content", "parts", "tool_calls", "text"].some((name) => name in value)) || ("from" in value && "value" in value)
  );
}

/** The members of an object as far as the text goes; `at` is the place after its opening bracket. */
function membersOf(text: string, at: number): { readonly members: readonly Member[]; readonly complete: boolean } {
  const members: Member[] = [];
  for (;;) {
    const nameAt = skipSpace(text, at);
    if (text[nameAt] === "}") return { members, complete: true };
    const nameEnd = text[nameAt] === '"' ? endOfString(text, nameAt) : -1;
    const colon = nameEnd === -1 ? -1 : skipSpace(text, nameEnd);
    const valueAt = text[colon] === ":" ? skipSpace(text, colon + 1) : text.length;
    if (valueAt >= text.length) return { members, complete: false };
    const opens = text[valueAt] ?? "";
    const firstAt = opens === "[" ? skipSpace(text, valueAt + 1) : -1;
    const name = parsed(text.slice(nameAt, nameEnd));
    members.push({
      name: typeof name === "string" ? name : "",
      opens,
      firstOpens: text[firstAt] ?? "",
      first: firstAt === -1 ? undefined : parsed(text.slice(firstAt, endOfValue(text, firstAt))),
    });
    const end = endOfValue(text, valueAt);
    const next = end === -1 ? text.length : skipSpace(text, end);
    if (text[next] === "}") return { members, complete: true };
    if (text[next] !== ",") return { members, complete: false };
    at = next + 1;
  }
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    // A value cut off by the end of the head: its layout stays unknown, the reader will judge it.
    return undefined;
  }
}

function isContainer(line: string): boolean {
  if (!/^[[{]/.test(line)) return false;
  return parsed(line) !== undefined;
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (" \t\r\n".includes(text[next] ?? "x")) next++;
  return next;
}

/** The place after the closing quote, or -1. */
function endOfString(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === "\\") next++;
    else if (text[next] === '"') return next + 1;
  }
  return -1;
}

/** The place after a value, or -1 where the text ends before it does. */
function endOfValue(text: string, at: number): number {
  let depth = 0;
  for (let next = at; next < text.length; next++) {
    const unit = text[next] ?? "";
    if (unit === '"') {
      const end = endOfString(text, next);
      if (end === -1) return -1;
      next = end - 1;
    } else if ("[{".includes(unit)) depth++;
    else if ("]}".includes(unit) && --depth < 0) return next;
    else if (unit === "," && depth === 0) return next;
    if (depth === 0 && ']}"'.includes(unit)) return next + 1;
  }
  return -1;
}
