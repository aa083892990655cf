/** What an example is tagged where tags are looked for and none is found. */
export const NO_TAG = "general";

/**
 * The tags that have at least one hit, in the order of the table: document 4's `_auto_tag`.
 *
 * @param hits - Patterns found, by tag.
 * @returns `["general"]` where nothing was found.
 */
export function tagsOf(hits: ReadonlyMap<string, number>): readonly string[] {
  const tags = [...hits].filter(([, count]) => count > 0).map(([tag]) => tag);
  return tags.length > 0 ? tags : [NO_TAG];
}
