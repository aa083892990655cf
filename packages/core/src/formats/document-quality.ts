import type { Described, LearningValue } from "../schema/example.ts";
import { relevances } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { Place } from "./document-fields.ts";
import { flag, word } from "./document-fields.ts";
import type { Draft } from "./reading.ts";

/** What document 4's `quality` says, and the rest of it for the metadata. */
export interface Judged {
  readonly told: Described;
  readonly unread: readonly (readonly [string, Json])[];
}

/** Reads `quality`: feedback, verdicts, relevance and learning value. Null says nothing; what is no object is left to the caller. */
export function readQuality(quality: Json | undefined): Judged | undefined {
  if (!isJsonObject(quality)) return undefined;
  const told: Draft<Described> = {};
  const rest: [string, Json][] = [];
  for (const [name, value] of Object.entries(quality)) {
    if (value !== null && !(places.get(name)?.(told, value) ?? false)) rest.push([name, value]);
  }
  return { told, unread: rest.length === 0 ? [] : [["quality", Object.fromEntries(rest)]] };
}

const relevance: Place = (described, value) => {
  const known = relevances.find((name) => name === value);
  if (known === undefined) return false;
  described.relevance = known;
  return true;
};

const learningValue: Place = (described, value) => {
  const known = typeof value === "string" ? learningWords.get(value) : undefined;
  if (known === undefined) return false;
  described.learningValue = known;
  return true;
};

const learningWords: ReadonlyMap<string, LearningValue> = new Map<string, LearningValue>([
  ["low", "low"],
  ["medium", "medium"],
  ["high", "high"],
  ["very_high", "very-high"],
  ["very-high", "very-high"],
]);

const places: ReadonlyMap<string, Place> = new Map([
  ["user_feedback", word("feedback")],
  ["was_corrected", flag("wasCorrected")],
  ["verified_accurate", flag("verifiedAccurate")],
  ["domain_relevance", relevance],
  ["learning_value", learningValue],
]);
