import type { Json, JsonObject, OperationOutput } from "@tilth/core";
import { displayWidth, oneLine } from "./text.ts";

type FieldChange = OperationOutput<"version.diff">["examples"]["changed"][number]["changes"][number];

/** Two values of one place, each on one line; one of them may be missing. */
export interface ValuePair {
  readonly before?: string;
  readonly after?: string;
}

const MOST_PAIRS = 4;

/**
 * Both values of a field as lines that fit: lists item by item, only those that differ, and long texts from shortly before the first
 * difference.
 */
export function valuePairs({ before, after }: FieldChange, width: number): readonly ValuePair[] {
  if (!isList(before) || !isList(after)) return [pairOf(before, after, width)];
  const items = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => [before[i], after[i]] as const);
  const differing = items.filter(([one, other]) => JSON.stringify(one) !== JSON.stringify(other));
  if (differing.length > MOST_PAIRS || !items.flat().every((item) => item === undefined || isMessage(item)))
    return [pairOf(before, after, width)];
  return differing.map(([one, other]) => pairOf(one, other, width));
}

function pairOf(before: Json | undefined, after: Json | undefined, width: number): ValuePair {
  const [one, other] = [before === undefined ? undefined : textOf(before), after === undefined ? undefined : textOf(after)];
  const from = one === undefined || other === undefined ? 0 : startOf(one, other, width);
  const shown = (text: string | undefined): string | undefined => (text === undefined ? undefined : cut(text, from, width));
  const [old, now] = [shown(one), shown(other)];
  return { ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) };
}

/** As much of what is equal as a third of the line holds; nothing is left out where all of it fits. */
function startOf(one: string, other: string, width: number): number {
  if (Math.max(displayWidth(one), displayWidth(other)) <= width) return 0;
  let equal = 0;
  while (equal < one.length && one[equal] === other[equal]) equal++;
  return equal <= width / 2 ? 0 : equal - Math.floor(width / 3);
}

function cut(text: string, from: number, width: number): string {
  // Never in the middle of a character of two units.
  const start = /[\udc00-\udfff]/.test(text[from] ?? "") ? from - 1 : from;
  return start <= 0 ? oneLine(text, width) : oneLine(`…${text.slice(start)}`, width);
}

/** Line ends stay visible: they may be all that differs. */
function textOf(value: Json): string {
  const text = typeof value === "string" ? value : isMessage(value) ? messageText(value) : JSON.stringify(value);
  return text.replaceAll("\n", "⏎ ").replaceAll("\t", "⇥");
}

interface ShownMessage {
  readonly role: string;
  readonly content: string;
}

function messageText(message: ShownMessage): string {
  const { role, content, ...rest } = message;
  return `${role}: ${content}${Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`}`;
}

function isMessage(value: Json): value is ShownMessage & JsonObject {
  return isJsonObject(value) && typeof value["role"] === "string" && typeof value["content"] === "string";
}

function isJsonObject(value: Json): value is JsonObject {
  return value !== null && typeof value === "object" && !isList(value);
}

function isList(value: Json | undefined): value is readonly Json[] & Json {
  return Array.isArray(value);
}
