/** The domain of an example that no keyword speaks for. */
export const NO_DOMAIN = "general";

/**
 * The domain with the most different keywords in a text; of equals the first in the table.
 *
 * @param hits - Distinct keywords found, by domain, in the order of the table.
 * @see Document 3, "Domain Classification".
 */
export function domainOf(hits: ReadonlyMap<string, number>): string {
  let best = NO_DOMAIN;
  let most = 0;
  for (const [domain, count] of hits) {
    if (count > most) {
      best = domain;
      most = count;
    }
  }
  return best;
}
