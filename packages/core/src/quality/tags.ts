/** What an example is tagged where tags are looked for and none is found. */
export const NO_TAG = "general";

/**
 * The tags that have at least one hit, in the order of the table: document 4's `_auto_tag`.
 *
 * @param hits - Patterns found, one number for each tag.
 * @returns `["general"]` where nothing was found.
 */
export function tagsOf(tags: readonly string[], hits: readonly number[]): readonly string[] {
  const found = tags.filter((_, index) => (hits[index] ?? 0) > 0);
  return found.length > 0 ? found : [NO_TAG];
}
