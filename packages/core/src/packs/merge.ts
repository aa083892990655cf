import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";

/**
 * Lays one object over another: maps merge by key, lists append, and where both have anything else the later one wins.
 *
 * An entry that a list holds already is not repeated.
 */
export function mergeObjects(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged = new Map(Object.entries(earlier));
  for (const [key, value] of Object.entries(later)) {
    const before = merged.get(key);
    merged.set(key, before === undefined ? value : mergeValues(before, value));
  }
  return Object.fromEntries(merged);
}

function mergeValues(earlier: Json, later: Json): Json {
  if (Array.isArray(earlier) && Array.isArray(later)) return appendNew(earlier, later);
  return isJsonObject(earlier) && isJsonObject(later) ? mergeObjects(earlier, later) : later;
}

function appendNew(earlier: readonly Json[], later: readonly Json[]): readonly Json[] {
  const known = new Set(earlier.map((entry) => canonicalJson(entry)));
  return [...earlier, ...later.filter((entry) => !known.has(canonicalJson(entry)))];
}
