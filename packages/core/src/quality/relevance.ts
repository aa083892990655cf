import type { Relevance } from "../schema/example.ts";
import type { Pack } from "../schema/pack.ts";

/**
 * Says how much an example is about the subject of the packs, by how many different terms it holds: document 4's `_assess_relevance`.
 *
 * @param terms - Distinct terms in prompt and response.
 * @param settings - At least `high` terms make it high, at least `medium` medium. @defaultValue 5 and 2
 */
export function relevanceOf(terms: number, settings: NonNullable<Pack["relevance"]>): Relevance {
  if (terms >= (settings.high ?? 5)) return "high";
  return terms >= (settings.medium ?? 2) ? "medium" : "low";
}
