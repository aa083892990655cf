import type { Example } from "../schema/example.ts";
import type { Filter } from "../schema/filter.ts";
import { evaluateFilter } from "../schema/filter-evaluate.ts";
import type { PoolFacts } from "../schema/filter-example.ts";
import { exampleView, fieldsOfFilter, poolOnlyFields } from "../schema/filter-example.ts";
import { severities } from "../schema/finding.ts";
import type { Snapshot } from "../storage/storage.ts";

/**
 * Makes the test by which examples of a version are chosen.
 *
 * What an example carries is judged as it was committed; findings, engagement, use and duplicates, which lie only in the pool, as they are now. The pool
 * is read only where the filter asks for such a field; memory then grows with the examples that have one.
 */
export async function chooser(filter: Filter, snapshot: Snapshot): Promise<(example: Example) => boolean> {
  const asked = fieldsOfFilter(filter);
  const wanted = poolOnlyFields.filter((field) => asked.has(field));
  if (wanted.length === 0) return (example) => evaluateFilter(filter, exampleView(example));
  const findings = wanted.includes("rule") || wanted.includes("severity") ? await findingsById(snapshot) : new Map<string, PoolFacts>();
  const duplicates = wanted.includes("isDuplicate") ? await duplicateIds(snapshot) : new Set<string>();
  const stats = wanted.some((field) => !elsewhere.has(field)) ? await statsById(snapshot) : new Map<string, PoolFacts>();
  return (example) => {
    const facts = { ...unused, ...stats.get(example.id), ...findings.get(example.id), isDuplicate: duplicates.has(example.id) };
    return evaluateFilter(filter, exampleView(example, facts));
  };
}

/** Fields of the pool that are no figures of use. */
const elsewhere: ReadonlySet<string> = new Set<keyof PoolFacts>(["rule", "severity", "isDuplicate"]);

/** What is true of an example the pool keeps no figures of. */
const unused: PoolFacts = {
  used: false,
  useCount: 0,
  "engagement.impressions": 0,
  "engagement.viewers": 0,
  "engagement.likes": 0,
  "engagement.reposts": 0,
  "engagement.replies": 0,
  "engagement.bookmarks": 0,
  "engagement.shares": 0,
  "engagement.dismissals": 0,
};

async function findingsById({ queries }: Snapshot): Promise<ReadonlyMap<string, PoolFacts>> {
  const found = await queries
    .selectFrom("finding")
    .innerJoin("example", "example.n", "finding.n")
    .select(["example.id", "finding.rule", "finding.severity"])
    .execute();
  const facts = new Map<string, { rule: string[]; severity: (typeof severities)[number] }>();
  for (const { id, rule, severity } of found) {
    const known = facts.get(id) ?? { rule: [], severity };
    known.rule.push(rule);
    if (severities.indexOf(severity) > severities.indexOf(known.severity)) known.severity = severity;
    facts.set(id, known);
  }
  return facts;
}

async function duplicateIds({ queries }: Snapshot): Promise<ReadonlySet<string>> {
  const marked = await queries.selectFrom("duplicate").innerJoin("example", "example.n", "duplicate.n").select("example.id").execute();
  return new Set(marked.map(({ id }) => id));
}

async function statsById({ queries }: Snapshot): Promise<ReadonlyMap<string, PoolFacts>> {
  const stats = await queries
    .selectFrom("example_stat")
    .innerJoin("example", "example.n", "example_stat.n")
    .select("example.id")
    .selectAll("example_stat")
    .execute();
  return new Map(
    stats.map((stat): readonly [string, PoolFacts] => [
      stat.id,
      {
        used: stat.runs_used > 0 || stat.use_count > 0,
        useCount: stat.use_count,
        ...(stat.last_used_at === null ? {} : { lastUsedAt: stat.last_used_at }),
        ...(stat.freshness === null ? {} : { freshness: stat.freshness }),
        "engagement.impressions": stat.impressions,
        "engagement.viewers": stat.viewers,
        "engagement.likes": stat.likes,
        "engagement.reposts": stat.reposts,
        "engagement.replies": stat.replies,
        "engagement.bookmarks": stat.bookmarks,
        "engagement.shares": stat.shares,
        "engagement.dismissals": stat.dismissals,
      },
    ]),
  );
}
