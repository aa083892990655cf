import type { NewExample, Relevance, SourceKind } from "../schema/example.ts";
import { sourceKinds } from "../schema/example.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Match, Pack } from "../schema/pack.ts";
import { spokenText } from "../schema/sides.ts";
import type { KeywordHits, KeywordTable } from "../text/keywords.ts";
import { compileKeywords } from "../text/keywords.ts";
import { words } from "../text/words.ts";
import { domainOf, NO_DOMAIN } from "./domain.ts";
import { postFeatures } from "./features.ts";
import { relevanceOf } from "./relevance.ts";
import { styleOf } from "./style.ts";
import { tagsOf } from "./tags.ts";

/** What the packs tell about an example; whatever its source said stands above it. */
export interface Enrichment {
  readonly sourceKind: SourceKind;
  readonly domain: string;
  readonly tags: readonly string[];
  readonly relevance?: Relevance;
  readonly style?: string;
  readonly features?: JsonObject;
}

/**
 * Makes the packs' tables ready, for one pass over the text of each example.
 *
 * Domain, tags and relevance are looked for in all that user and model say to each other; style and features are read from examples of
 * kind `text` where a pack describes posts. What the example has already is kept: empty tags count as none, features are added to.
 *
 * @see {@link spokenText} for the text that is searched.
 * @example
 * const enrich = compileEnrichment(resolvePacks(["roofing"]).pack);
 * const enriched = { ...example, ...enrich(example) };
 */
export function compileEnrichment(pack: Pack): (example: NewExample) => Enrichment {
  const tables = keywordTables(pack);
  const find = compileKeywords(tables.map(({ table }) => table));
  const domains = namedGroups(tables, "domain");
  const tags = namedGroups(tables, "tags");
  return (example) => {
    const hits = needsSearch(example, pack) ? find(spokenText(example)) : undefined;
    const relevance =
      example.relevance ?? (hits === undefined || !hasTerms(pack) ? undefined : relevanceOf(countOf(hits, tables), pack.relevance));
    const always = {
      sourceKind: example.sourceKind ?? sourceKindOf(example.source, pack),
      domain:
        example.domain ?? (hits === undefined || pack.domains === undefined ? NO_DOMAIN : domainOf(domains.names, countsOf(domains, hits))),
      tags:
        hasTags(example) || hits === undefined || pack.tags === undefined ? (example.tags ?? []) : tagsOf(tags.names, countsOf(tags, hits)),
    };
    const post = postMembers(example, pack);
    if (relevance === undefined && post === undefined) return always;
    return { ...always, ...(relevance === undefined ? {} : { relevance }), ...post };
  };
}

/**
 * Counts the different terms of the packs' subject in a text, for rules that ask for one; absent where no pack has a subject.
 */
export function compileTermCount(pack: Pack): ((text: string) => number) | undefined {
  const tables = keywordTables(pack).filter(({ purpose }) => purpose === "relevance");
  if (tables.length === 0) return undefined;
  const find = compileKeywords(tables.map(({ table }) => table));
  return (text) => countOf(find(text), tables);
}

/** What a record's own word for its source means: as a pack says, else the word itself where it is one of ours, else an import. */
export function sourceKindOf(source: string | undefined, pack: Pack): SourceKind {
  if (source === undefined) return "import";
  const said = pack.sources !== undefined && Object.hasOwn(pack.sources, source) ? pack.sources[source] : undefined;
  return said ?? sourceKinds.find((kind) => kind === source) ?? "import";
}

type Purpose = "relevance" | "tags" | "domain";

interface PurposeTable {
  readonly purpose: Purpose;
  readonly table: KeywordTable;
}

function keywordTables(pack: Pack): readonly PurposeTable[] {
  return [
    ...(pack.relevance?.tables ?? []).map(({ match, terms }) => tableOf("relevance", match, { terms })),
    ...(pack.tags ?? []).map(({ match, patterns }) => tableOf("tags", match, patterns)),
    ...(pack.domains ?? []).map(({ match, keywords }) => tableOf("domain", match, keywords)),
  ];
}

function tableOf(purpose: Purpose, match: Match, groups: Readonly<Record<string, readonly string[]>>): PurposeTable {
  return { purpose, table: { match, groups: Object.entries(groups).map(([name, keywords]) => ({ name, keywords })) } };
}

function needsSearch(example: NewExample, pack: Pack): boolean {
  const wantsRelevance = hasTerms(pack) && example.relevance === undefined;
  const wantsTags = pack.tags !== undefined && !hasTags(example);
  return wantsRelevance || wantsTags || (pack.domains !== undefined && example.domain === undefined);
}

function hasTerms(pack: Pack): pack is Pack & { readonly relevance: NonNullable<Pack["relevance"]> } {
  return pack.relevance?.tables !== undefined;
}

function hasTags(example: NewExample): boolean {
  return example.tags !== undefined && example.tags.length > 0;
}

function countOf(hits: KeywordHits, tables: readonly PurposeTable[]): number {
  let count = 0;
  for (const [index, { purpose }] of tables.entries()) {
    if (purpose === "relevance") count += hits[index]?.[0] ?? 0;
  }
  return count;
}

/** The different names of the groups of some tables, and which group counts for which name. */
interface NamedGroups {
  readonly names: readonly string[];
  readonly groups: readonly { readonly table: number; readonly group: number; readonly name: number }[];
}

/** A name that several tables know stays where it came first. */
function namedGroups(tables: readonly PurposeTable[], wanted: Purpose): NamedGroups {
  const found = tables.flatMap(({ purpose, table: { groups } }, table) =>
    purpose === wanted ? groups.map(({ name }, group) => ({ table, group, name })) : [],
  );
  const names = [...new Set(found.map(({ name }) => name))];
  return { names, groups: found.map((place) => ({ ...place, name: names.indexOf(place.name) })) };
}

function countsOf({ names, groups }: NamedGroups, hits: KeywordHits): readonly number[] {
  const counts = names.map(() => 0);
  for (const { table, group, name } of groups) counts[name] = (counts[name] ?? 0) + (hits[table]?.[group] ?? 0);
  return counts;
}

function postMembers(example: NewExample, { posts }: Pack): { readonly style?: string; readonly features?: JsonObject } | undefined {
  if (posts === undefined || example.kind !== "text") {
    if (example.style === undefined && example.features === undefined) return undefined;
    return {
      ...(example.style === undefined ? {} : { style: example.style }),
      ...(example.features === undefined ? {} : { features: example.features }),
    };
  }
  const wordCount = words(example.text).length;
  return { style: example.style ?? styleOf(wordCount, posts), features: { ...postFeatures(example.text, wordCount), ...example.features } };
}
