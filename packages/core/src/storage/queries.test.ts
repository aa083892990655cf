import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import type { FilterRecord } from "../schema/contract.ts";
import { arbitraryFilter, arbitraryRecord, arbitraryTerm, viewOf } from "../schema/contract.ts";
import { filterLimits, parseFilter } from "../schema/filter.ts";
import type { Filter } from "../schema/filter.ts";
import { evaluateFilter } from "../schema/filter-evaluate.ts";
import type { PlainFieldName } from "../schema/filter-fields.ts";
import { printFilter } from "../schema/filter-print.ts";
import { canonicalJson } from "../text/canonical.ts";
import { filterExpression } from "./queries.ts";
import { registerFilterFunctions } from "./sqlite-functions.ts";
import type { Pool } from "./tables.ts";

const pool = new Kysely<Pool>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});
const database = new DatabaseSync(":memory:");
for (const step of ["schema.sqlite.sql", "schema.sqlite.2.sql"]) database.exec(readFileSync(new URL(step, import.meta.url), "utf8"));
registerFilterFunctions(database);
afterAll(() => database.close());

describe("SQL selects exactly the rows that the oracle accepts", () => {
  test("for random trees over every field", () => {
    fc.assert(fc.property(records(6), fc.array(arbitraryFilter(), { minLength: 20, maxLength: 20 }), agree), { numRuns: 150 });
  });

  test("for single questions, which shrink to the field that is wrong", () => {
    fc.assert(fc.property(records(8), fc.array(arbitraryTerm(), { minLength: 60, maxLength: 60 }), agree), { numRuns: 150 });
  });

  test("for an example that holds almost nothing", () => {
    const bare = arbitraryRecord().map((record) => [barely(record)]);
    fc.assert(fc.property(bare, fc.array(arbitraryTerm(), { minLength: 5, maxLength: 5 }), agree), { numRuns: 100 });
  });
});

describe("indexes serve plain questions", () => {
  test.each([
    ["kind = chat", "ix_example_kind"],
    ["source = x", "ix_example_source"],
    ["source in (x, y)", "ix_example_source"],
    ["domain = x", "ix_example_domain"],
    ["reviewStatus = pending", "ix_example_review"],
    ["lifecycle = archived", "ix_example_lifecycle"],
    ["type = gm", "ix_example_type"],
    ["type in (gm, casual)", "ix_example_type"],
    ["project = x", "ix_example_project"],
    ["quality.score >= 0.8", "ix_example_quality"],
    ["parentId = x", "ix_example_parent"],
    ["sourceId = x", "ix_example_origin"],
    ["id = 01ARZ3NDEKTSV4RRFFQ69G5FAV", "sqlite_autoindex_example"],
    ["kind = chat and output contains äh", "ix_example_kind"],
  ])("%s uses %s", (text, index) => {
    expect(planOf(text)).toContain(index);
  });

  test("a tag is looked up by its key", () => {
    expect(planOf("tag has x")).toMatch(/SEARCH example_tag.*\(tag=\? AND n=\?\)|SEARCH example_tag.*tag=\?/);
  });
});

test("numbers in JSON are doubles, also where their shortest decimals name another integer", () => {
  const [example] = fc.sample(arbitraryRecord(), 1);
  if (example === undefined) throw new Error("no example");
  agree([{ ...example, metadata: { n: 2 ** 62 } }], [parse(`metadata.n = ${2n ** 62n}`), parse("metadata.n > 4e18")]);
  expect(idsOf(parse(`metadata.n = ${2n ** 62n}`))).toEqual([0]);
});

test("the largest and deepest filter stays within SQLite's limits", () => {
  const letters = Array.from({ length: 200 }, (_, i) => String.fromCodePoint((i < 100 ? 0x100 : 0x1e00) + i * 2 + 1)).join("");
  const terms = Array.from({ length: filterLimits.terms - 2 }, () => "not metadata.a = 5");
  const deep = `${"not ".repeat(filterLimits.depth)}used = true`;
  const tree = parse([...terms, deep, `text contains "${letters}"`].join(" and "));
  fill([]);
  expect(idsOf(tree)).toEqual([]);
});

function records(maxLength: number): fc.Arbitrary<FilterRecord[]> {
  return fc.uniqueArray(arbitraryRecord(), { minLength: 1, maxLength, selector: (record) => record.values.id });
}

function agree(records: readonly FilterRecord[], trees: readonly Filter[]): void {
  fill(records);
  for (const tree of trees) {
    const expected = records.flatMap((record, n) => (evaluateFilter(tree, viewOf(record)) ? [n] : []));
    expect(idsOf(tree), `${printFilter(tree)}\n${compile(tree).sql}`).toEqual(expected);
  }
}

function parse(text: string): Filter {
  return parseFilter(text, { nowMs: 0 });
}

function compile(tree: Filter) {
  return pool
    .selectFrom("example")
    .select("n")
    .where((eb) => filterExpression(eb, tree))
    .compile();
}

function idsOf(tree: Filter): number[] {
  const { sql, parameters } = compile(tree);
  const rows = database.prepare(sql).all(...parameters.map(bindable));
  return rows
    .map((row) => Number(row["n"]))
    .filter((n) => n >= 0)
    .toSorted((a, b) => a - b);
}

function planOf(text: string): string {
  const { sql, parameters } = compile(parse(text));
  return database
    .prepare(`explain query plan ${sql}`)
    .all(...parameters.map(bindable))
    .map((row) => row["detail"])
    .join("\n");
}

function bindable(value: unknown): string | number | null | Uint8Array {
  if (typeof value === "string" || typeof value === "number" || value === null || value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite cannot bind ${typeof value}`);
}

type Cells = Readonly<Record<string, string | number | null | Uint8Array>>;

function insert(table: keyof Pool, row: Cells): void {
  const columns = Object.entries(row);
  const marks = columns.map(() => "?").join(", ");
  const statement = database.prepare(`insert into ${table} (${columns.map(([name]) => `"${name}"`).join(", ")}) values (${marks})`);
  statement.run(...columns.map(([, value]) => value));
}

/** Leaves only what a row cannot lack. */
function barely(record: FilterRecord): FilterRecord {
  const { values } = record;
  const kept: readonly PlainFieldName[] = [
    "id",
    "kind",
    "source",
    "sourceKind",
    "groupKey",
    "createdBy",
    "createdAt",
    "updatedAt",
    "rev",
    "weight",
    "domain",
  ];
  const flags: readonly PlainFieldName[] = [
    "quality.tier",
    "reviewStatus",
    "lifecycle",
    "includeInTraining",
    "wasCorrected",
    "validated",
    "input",
  ];
  const counts = Object.fromEntries(
    Object.keys(values)
      .filter((name) => name.startsWith("engagement."))
      .map((name) => [name, 0]),
  );
  const rest = Object.fromEntries([...kept, ...flags].map((name) => [name, values[name]]));
  return { values: { ...rest, ...counts, useCount: 0, used: false, isDuplicate: false, tag: [], rule: [] }, metadata: {}, features: {} };
}

function fill(records: readonly FilterRecord[]): void {
  database.exec("begin; delete from example; delete from change_log");
  for (const [n, record] of records.entries()) insertRecord(n, record);
  for (const [n, record] of records.entries()) if (record.values.isDuplicate === true) insertMark(n);
  database.exec("commit");
}

/** Which example is the witness matters to no filter; it has to be another one. */
function insertMark(n: number): void {
  if (database.prepare("select 1 from example where n = -1").get() === undefined) {
    const [other] = fc.sample(arbitraryRecord(), { numRuns: 1, seed: 1 });
    if (other !== undefined) insert("example", { ...exampleRow(-1, other), content_hash: new Uint8Array(16), id: "a witness" });
  }
  const how = { similarity: 1, threshold: 1, strategy: "content", method: "text-key", version: "1", run_id: "1", actor: "a", found_at: 0 };
  insert("duplicate", { n, witness_n: -1, ...how });
}

function insertRecord(n: number, record: FilterRecord): void {
  insert("example", exampleRow(n, record));
  for (const tag of listOf(record, "tag")) insert("example_tag", { n, tag });
  for (const [ordinal, rule] of listOf(record, "rule").entries()) {
    const finding = { n, rule, message: "", version: "1", found_at: 0 };
    insert("finding", { ...finding, ordinal: 0, severity: "info" });
    insert("finding", { ...finding, ordinal: 1, severity: ordinal === 0 ? (textOf(record, "severity") ?? "info") : "info" });
  }
  const stat = {
    impressions: countOf(record, "engagement.impressions"),
    viewers: countOf(record, "engagement.viewers"),
    likes: countOf(record, "engagement.likes"),
    reposts: countOf(record, "engagement.reposts"),
    replies: countOf(record, "engagement.replies"),
    bookmarks: countOf(record, "engagement.bookmarks"),
    shares: countOf(record, "engagement.shares"),
    dismissals: countOf(record, "engagement.dismissals"),
    use_count: countOf(record, "useCount"),
    runs_used: countOf(record, "useCount") > 0 ? 0 : Number(record.values.used),
  };
  const dated = { last_used_at: numberOf(record, "lastUsedAt"), freshness: numberOf(record, "freshness") };
  // An example that nobody saw or used has no row.
  if (Object.values(stat).every((value) => value === 0) && dated.last_used_at === null && dated.freshness === null) return;
  insert("example_stat", { n, ...stat, ...dated, updated_at: 0 });
}

function exampleRow(n: number, record: FilterRecord): Cells {
  const text = (field: PlainFieldName): string | null => textOf(record, field);
  const number = (field: PlainFieldName): number | null => numberOf(record, field);
  const word = (field: PlainFieldName): string => textOf(record, field) ?? "";
  const count = (field: PlainFieldName): number => countOf(record, field);
  return {
    n,
    id: word("id"),
    rev: count("rev"),
    kind: word("kind"),
    review_status: word("reviewStatus"),
    lifecycle: word("lifecycle"),
    include_in_training: count("includeInTraining"),
    source: word("source"),
    source_kind: word("sourceKind"),
    source_id: text("sourceId"),
    parent_id: text("parentId"),
    group_key: word("groupKey"),
    import_id: text("importId"),
    created_by: word("createdBy"),
    type: text("type"),
    topic: text("topic"),
    style: text("style"),
    domain: word("domain"),
    project: text("project"),
    language: text("language"),
    input_text: word("input"),
    output_text: text("output"),
    system_prompt: text("systemPrompt"),
    context: text("context"),
    rejected_output: text("rejected"),
    label: number("label"),
    intent: text("intent"),
    sentiment: text("sentiment"),
    persona: text("persona"),
    categories: record.values.category === undefined ? null : canonicalJson(record.values.category),
    confidence: number("confidence"),
    complexity: number("complexity"),
    weight: count("weight"),
    quality_tier: word("quality.tier"),
    quality_score: number("quality.score"),
    relevance: text("relevance"),
    learning_value: text("learningValue"),
    feedback: text("feedback"),
    verified_accurate: number("verifiedAccurate"),
    was_corrected: count("wasCorrected"),
    was_used: number("wasUsed"),
    modifications_made: text("modificationsMade"),
    validated: count("validated"),
    tags: canonicalJson(record.values.tag),
    features: canonicalJson(record.features),
    metadata: canonicalJson(record.metadata),
    content_hash: Uint8Array.of(n),
    input_hash: Uint8Array.of(n),
    created_at: count("createdAt"),
    updated_at: count("updatedAt"),
  };
}

function textOf(record: FilterRecord, field: PlainFieldName): string | null {
  const value = record.values[field];
  return typeof value === "string" ? value : null;
}

function numberOf(record: FilterRecord, field: PlainFieldName): number | null {
  const value = record.values[field];
  if (typeof value === "boolean") return Number(value);
  return typeof value === "number" ? value : null;
}

function countOf(record: FilterRecord, field: PlainFieldName): number {
  return numberOf(record, field) ?? 0;
}

function listOf(record: FilterRecord, field: "tag" | "rule"): string[] {
  const value = record.values[field];
  return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
}
