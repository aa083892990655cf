import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbitraryFilter } from "../schema/contract.ts";
import { tiers } from "../schema/example.ts";
import type { Filter } from "../schema/filter.ts";
import { parseFilter } from "../schema/filter.ts";
import { printFilter } from "../schema/filter-print.ts";
import { severities } from "../schema/finding.ts";
import { chat, newRow } from "./contract.ts";
import { facetCondition } from "./facet-filter.ts";
import { statementOf } from "./kysely-sqlite.ts";
import type { PageOptions } from "./page-query.ts";
import { leadOf, pageQuery, readPage } from "./page-query.ts";
import { filterExpression } from "./queries.ts";
import { openReader } from "./sqlite-database.ts";
import { openSqlite } from "./sqlite.ts";
import type { NewRow, Storage } from "./storage.ts";

const options = { actor: "user:ana", atMs: 1_767_312_000_000, rulesVersion: "rules-1" };
const words = ["a", "b", "B", "big", "big cat", "a_b", "50%", "Äpfel", "щука", "5", "true"];
const everyOther = <T>(values: readonly T[], i: number): T | undefined => values[i % (values.length + 2)];
const value = <T>(name: string, given: T | undefined): object => (given === undefined ? {} : { [name]: given });

/** Rows that differ in everything the small rows hold, some of it missing. */
const rows: readonly NewRow[] = Array.from({ length: 300 }, (_, i) => {
  const severity = everyOther(severities, i * 3);
  const score = i % 7 === 0 ? undefined : ((i * 37) % 101) / 100;
  return newRow(chat(`question ${i}`, `answer ${i}`), {
    source: words[i % words.length] ?? "",
    domain: words[(i * 5) % words.length] ?? "",
    tags: i % 3 === 0 ? [] : [...new Set([words[i % 4] ?? "", words[i % 5] ?? ""])],
    quality: { tier: tiers[(i * 11) % tiers.length] ?? "gold", factors: {}, ...value("score", score) },
    reviewStatus: i % 9 === 0 ? "rejected" : "pending",
    lifecycle: i % 13 === 0 ? "trashed" : i % 17 === 0 ? "archived" : "active",
    createdAt: new Date(i * 5_000_000_000 - 100_000_000_000).toISOString(),
    findings:
      severity === undefined
        ? []
        : [
            { rule: words[i % 3] ?? "", severity, message: "m", at: "" },
            { rule: words[i % 3] ?? "", severity: "info", message: "m", at: "/messages/0" },
          ],
    ...value("type", everyOther(words, i)),
    ...value("topic", everyOther(words, i * 7)),
    ...value("project", everyOther(words, i * 3)),
    ...value("language", everyOther(["en", "de"], i)),
    ...value("relevance", everyOther(["low", "medium", "high"] as const, i)),
  });
});

let folder: string;
let storage: Storage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-pages-"));
  storage = await openSqlite(join(folder, "pool.db"));
  await storage.transaction((queries) =>
    queries
      .insertInto("dataset")
      .values({ id: "d", name: "D", kind: null, created_by: "user:ana", created_at: 1, updated_at: 1 })
      .execute(),
  );
  await storage.capture(rows.slice(0, 120), { ...options, datasetId: "d" });
  await storage.capture(rows.slice(120), options);
  const marks = rows
    .slice(1, 9)
    .map(({ row }) => ({ id: row.id, witnessId: rows[10]?.row.id ?? "", similarity: 1, rule: "exact-duplicate" }) as const);
  await storage.markDuplicates(marks, { ...options, runId: "r", strategy: "content", threshold: 1, method: "text-key", version: "1" });
});
afterAll(async () => {
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

/** Going through small rows, and letting a condition lead. */
const ways = [0, 20_000];

const parse = (text: string): Filter => parseFilter(text, { nowMs: options.atMs });
const pageOf = (page: PageOptions): Promise<readonly number[]> =>
  storage.read(async ({ queries }) => (await readPage(queries, page)).map(({ n }) => n));
const plainly = (where: Filter): Promise<readonly number[]> =>
  storage.read(async ({ queries }) =>
    (
      await queries
        .selectFrom("example")
        .select("n")
        .where((eb) => filterExpression(eb, where))
        .orderBy("n", "desc")
        .execute()
    ).map(({ n }) => n),
  );

describe("a page holds the newest rows the filter selects", () => {
  test("for random filters", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryFilter(), fc.integer({ min: 1, max: 300 }), async (where, limit) => {
        const expected = (await plainly(where)).slice(0, limit);
        for (const few of ways) expect(await pageOf({ where, rows: limit, few }), printFilter(where)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    "quality.score >= 0.95",
    "quality.score < 0.05",
    "not quality.score >= 0.3",
    "not quality.score <= 0.3",
    "quality.score = 0.37",
    "not quality.score = 0.37",
    "quality.score is-missing",
    "not quality.score is-missing",
    "severity >= warning",
    "not severity = error",
    "severity is-missing",
    "severity in (info, error)",
    "createdAt < 1970-03-01",
    "not createdAt < 1990-01-01",
    "topic is-missing and not type is-missing",
    "domain contains BIG or topic matches cat",
    "domain < b and not source in (a, b)",
    "tag in (a, big)",
    "tag != a",
    "rule = a and severity = warning",
    "isDuplicate = true and tag != a",
    "isDuplicate = false and severity = warning",
    "lifecycle = trashed",
    "lifecycle != active",
    "lifecycle in (active, archived)",
    "quality.tier >= silver and (project = a or relevance = high)",
    "input contains 7 or quality.tier = gold",
    "not (quality.tier = gold and input contains 7)",
  ])("%s", async (text) => {
    const where = parse(text);
    const expected = await plainly(where);
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(rows.length);
    for (const few of ways) expect(await pageOf({ where, rows: rows.length, few })).toEqual(expected);
  });

  test("of a dataset, below a row", async () => {
    for (const few of ways) {
      expect(await pageOf({ datasetId: "d", rows: 3, few })).toEqual([120, 119, 118]);
      expect(await pageOf({ datasetId: "d", rows: 2, below: 60, few })).toEqual([59, 58]);
      expect(await pageOf({ rows: 2, few })).toEqual([300, 299]);
      const where = parse("quality.tier = gold");
      const gold = await plainly(where);
      expect(await pageOf({ datasetId: "d", where, rows: 300, few })).toEqual(gold.filter((n) => n <= 120));
    }
  });
});

describe("no page goes through all the examples", () => {
  const planOf = async (page: PageOptions): Promise<string> => {
    const { sql, parameters } = await storage.read(async ({ queries }) => {
      const lead = await leadOf(queries, page);
      return statementOf(pageQuery(queries, { ...page, ...(lead === undefined ? {} : { lead }), below: 300, from: 1 }).compile());
    });
    const database = openReader(join(folder, "pool.db"), 1_000);
    try {
      return database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...parameters)
        .map((step) => String(step["detail"]))
        .join("\n");
    } finally {
      database.close();
    }
  };

  test.each([
    ["kind = chat", "ix_example_kind"],
    ["source = a", "ix_example_source"],
    ["domain in (a, b)", "ix_example_domain"],
    ["type = a", "ix_example_type"],
    ["project = a", "ix_example_project"],
    ["reviewStatus = rejected", "ix_example_review"],
    ["lifecycle = archived", "ix_example_lifecycle"],
    ["quality.score >= 0.98", "ix_example_quality"],
    ["sourceId = a", "ix_example_origin"],
    ["parentId = a", "ix_example_parent"],
    ["tag has a", "SEARCH example_tag USING PRIMARY KEY (tag=?)"],
    ["rule = a", "ix_finding_rule"],
    ["quality.tier = gold", "ix_facet_tier (quality_tier=?)"],
    ["quality.tier >= silver", "ix_facet_tier (quality_tier=?)"],
    ["severity = error", "ix_facet_severity (severity=?)"],
    ["severity >= warning", "ix_facet_severity (severity=?)"],
    ["relevance = high", "ix_facet_relevance (relevance=?)"],
    ["topic in (a, b)", "ix_facet_topic (topic=?)"],
    ["language = de", "ix_facet_language (language=?)"],
    ["sourceKind = manual", "ix_facet_source_kind (source_kind=?)"],
    ["input contains x and project = a", "ix_example_project"],
  ])("%s with few rows is led by %s", async (text, index) => {
    const plan = await planOf({ where: parse(text), rows: 21 });
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/SCAN (example|facet)\b/);
  });

  test.each([
    "kind = chat",
    "quality.tier = gold",
    "quality.tier >= silver",
    "quality.score >= 0.1",
    "relevance = high",
    "createdAt < 2020-01-01",
  ])("%s with many rows goes through small rows, and none is sorted", async (text) => {
    const plan = await planOf({ where: parse(text), rows: 21, few: 0 });
    expect(plan).toContain("SEARCH facet USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    expect(plan).not.toContain("SCAN example");
    expect(plan).not.toContain("TEMP B-TREE");
  });

  test("the worst severity is looked up where the small rows say that it fits", async () => {
    const plan = await planOf({ where: parse("severity = error"), rows: 21, few: 0 });
    expect(plan).toMatch(/SEARCH facet USING INTEGER PRIMARY KEY.*\n.*SEARCH example USING INTEGER PRIMARY KEY/);
    expect(plan).not.toContain("SCAN example");
  });

  test("examples of a tag are read in the order of the page, from the newest one on", async () => {
    const plan = await planOf({ where: parse("tag has a"), rows: 21, few: 0 });
    expect(plan).toContain("SEARCH example_tag USING PRIMARY KEY (tag=? AND n>? AND n<?)");
    expect(plan).not.toContain("TEMP B-TREE");
  });

  test("a dataset's members are read in the order of the page", async () => {
    const plan = await planOf({ datasetId: "d", rows: 21, few: 0 });
    expect(plan).toContain("SEARCH member USING PRIMARY KEY (dataset_id=? AND n>? AND n<?)");
    expect(plan).not.toContain("TEMP B-TREE");
  });
});

test("where one alternative is nothing the small rows know of, they say nothing", () => {
  expect(facetCondition(parse("kind = chat or input contains x"))).toBeUndefined();
  expect(facetCondition(parse("input contains x and metadata.a = 5"))).toBeUndefined();
  expect(facetCondition(parse("kind = chat and input contains x"))).toBeDefined();
  expect(facetCondition(parse("not (kind = chat and input contains x)"))).toBeUndefined();
});
