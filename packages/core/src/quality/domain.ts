/** The domain of an example that no keyword speaks for. */
export const NO_DOMAIN = "general";

/**
 * The domain with the most different keywords in a text; of equals the first in the table.
 *
 * @param hits - Distinct keywords found, one number for each domain.
 * @see Document 3, "Domain Classification".
 */
export function domainOf(domains: readonly string[], hits: readonly number[]): string {
  const most = Math.max(...hits);
  return most > 0 ? (domains[hits.indexOf(most)] ?? NO_DOMAIN) : NO_DOMAIN;
}
