import type { JsonObject } from "../schema/json.ts";

/** A threshold that is a number; absent where nobody set it. */
export function numberIn(thresholds: JsonObject, key: string): number | undefined {
  const value = thresholds[key];
  return typeof value === "number" ? value : undefined;
}

/** A threshold that is a list of words; empty where nobody set it. */
export function wordsIn(thresholds: JsonObject, key: string): readonly string[] {
  const value = thresholds[key];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
