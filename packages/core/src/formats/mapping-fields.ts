import { learningValues, relevances, sourceKinds } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { isoTime, tagsOf, textOf, unpacked } from "./columns.ts";
import { readBoolean, readInt, readNumber } from "./mapping-filters.ts";
import { isList } from "./reading.ts";

/** What a field holds and how a value becomes that. */
export interface MapField {
  /** The end of the sentence "the field is …". */
  readonly wants: string;
  /** Absent where the value cannot become it. */
  read(value: Json): Json | undefined;
}

const word: MapField = { wants: "text of 1 to 1,000 characters", read: (value) => bounded(textOf(value)) };
const prose: MapField = { wants: "text", read: textOf };
const truth: MapField = { wants: "true or false", read: readBoolean };
const number: MapField = { wants: "a number", read: readNumber };
const whole = (from: number, to: number, wants: string): MapField => ({ wants, read: (value) => within(readInt(value), from, to) });
const share = (to: number, wants: string): MapField => ({ wants, read: (value) => within(readNumber(value), 0, to) });
const count = whole(0, Number.MAX_SAFE_INTEGER, "a whole number from 0 on");
const words: MapField = { wants: "a list of words", read: (value) => tagsOf(textsIn(value)) };
const oneOf = (choices: readonly string[]): MapField => ({
  wants: `one of ${choices.join(", ")}`,
  read: (value) => {
    const text = textOf(value)?.trim().toLowerCase();
    return choices.find((choice) => choice === text);
  },
});
const object: MapField = { wants: "a JSON object", read: (value) => (isJsonObject(unpacked(value)) ? unpacked(value) : undefined) };
const list: MapField = { wants: "a JSON list", read: (value) => (isList(unpacked(value)) ? unpacked(value) : undefined) };
const turns: MapField = { wants: "text or a list of messages", read: (value) => (typeof value === "boolean" ? undefined : value) };

/** Fields beside the content. What Tilth computes, and whom an example is about, cannot be mapped. */
export const describedFields: Readonly<Record<string, MapField>> = {
  source: word,
  sourceKind: oneOf(sourceKinds),
  sourceId: word,
  parentId: word,
  groupKey: word,
  project: word,
  domain: word,
  topic: word,
  type: word,
  style: word,
  tags: words,
  language: word,
  complexity: whole(1, 10, "a whole number from 1 to 10"),
  confidence: share(1, "a number from 0 to 1"),
  weight: share(1_000, "a number from 0 to 1,000"),
  learningValue: oneOf(learningValues),
  relevance: oneOf(relevances),
  "engagement.impressions": count,
  "engagement.viewers": count,
  "engagement.likes": count,
  "engagement.reposts": count,
  "engagement.replies": count,
  "engagement.bookmarks": count,
  "engagement.shares": count,
  "engagement.dismissals": count,
  feedback: word,
  includeInTraining: truth,
  verifiedAccurate: truth,
  wasCorrected: truth,
  correctionReason: prose,
  corrector: word,
  wasUsed: truth,
  modificationsMade: word,
  validated: truth,
  createdAt: { wants: "an ISO time unless date(FORMAT) says how it is written", read: isoTime },
  createdBy: word,
};

/** Fields of the content, by the names of the filter language where it has one. */
export const contentFields: Readonly<Record<string, MapField>> = {
  text: prose,
  input: prose,
  output: prose,
  system: prose,
  context: prose,
  messages: { wants: "a list of messages", read: unpacked },
  prompt: turns,
  chosen: turns,
  rejected: turns,
  completion: turns,
  reason: prose,
  margin: number,
  label: truth,
  intent: prose,
  sentiment: prose,
  persona: prose,
  categories: words,
  entities: list,
  "document.url": prose,
  "document.title": prose,
  "document.content": prose,
  items: list,
  steps: list,
  tools: list,
  reference: object,
};

/** Columns with objects of any members: a field names a place in them, or all of it. */
export const openFields = ["metadata", "features"] as const;

/** The fields that hold messages; only they take a role. */
export const sideFields = ["messages", "prompt", "chosen", "rejected", "completion"] as const;
export type Side = (typeof sideFields)[number];

/** What one message with a role says; text that happens to be JSON stays text. */
export const messageField: MapField = prose;

/** The object that fills `metadata` or `features` as a whole. */
export const openField: MapField = object;

/** Other ways to write a field. */
export const fieldAliases: { readonly [alias: string]: string | undefined } = {
  tag: "tags",
  category: "categories",
  systemPrompt: "system",
};

function bounded(text: string | undefined): string | undefined {
  return text !== undefined && text.length > 0 && text.length <= 1_000 ? text : undefined;
}

function within(value: number | undefined, from: number, to: number): number | undefined {
  return value !== undefined && value >= from && value <= to ? value : undefined;
}

/** Numbers in a list of words are words. */
function textsIn(value: Json): Json {
  const unpackedValue = unpacked(value);
  return isList(unpackedValue) ? unpackedValue.map((element) => textOf(element) ?? null) : (textOf(unpackedValue) ?? unpackedValue);
}
