import type { SQLOutputValue } from "node:sqlite";
import type { Finding } from "../schema/finding.ts";
import { facetColumns } from "./counters.ts";
import type { Counted } from "./counters.ts";
import { countedColumns, countedOf, facetRowOf } from "./sqlite-counted.ts";
import { parseTags } from "./sqlite-rows.ts";
import type { PoolRow } from "./sqlite-rows.ts";
import type { Tools } from "./sqlite-tools.ts";
import type { Recount } from "./storage.ts";

/** How many members a dataset has, named like a count of examples; it stands in a table of its own. */
const MEMBERS = "member";

/** Holds all that is kept twice against the rows, in one pass over them; corrects it where it is to be repaired. */
export function recountPool(tools: Tools, repair: boolean): Recount {
  const { prepare } = tools;
  const counted = new Map<string, Map<string, number>>();
  const facets: PoolRow[] = [];
  const tags: PoolRow[] = [];
  const rows = prepare(`SELECT ${countedColumns} FROM example ORDER BY n`);
  for (const row of rows.iterate()) {
    const truth = countedRow(tools, row);
    countRow(counted, truth);
    if (!isFacetRight(tools, row, truth)) facets.push(row);
    if (!areTagsRight(tools, row, truth)) tags.push(row);
  }
  for (const { kind, count } of prepare("SELECT kind, count(*) AS count FROM signal GROUP BY kind").all()) {
    add(counted, "signal", String(kind), Number(count));
  }
  for (const { dataset_id: id, count } of prepare("SELECT dataset_id, count(*) AS count FROM member GROUP BY dataset_id").all()) {
    add(counted, MEMBERS, String(id), Number(count));
  }
  const counters = differences(tools, counted);
  if (repair) {
    for (const row of facets) setFacet(tools, row);
    for (const row of tags) setTags(tools, row);
    setCounters(tools, counters);
  }
  return { counters, facets: facets.map(idOf), tags: tags.map(idOf), repaired: repair };
}

function countedRow({ hanging }: Tools, row: PoolRow): Counted {
  const findings: readonly Pick<Finding, "rule" | "severity">[] = hanging.findings(Number(row["n"]));
  return countedOf(row, findings);
}

/** As `Counters.count` does it, but to sums of its own: what lies in the trash counts only in `lifecycle`. */
function countRow(counted: Map<string, Map<string, number>>, { values, tags, rules, severity }: Counted): void {
  const isTrashed = values[facetColumns.indexOf("lifecycle")] === "trashed";
  for (const [i, facet] of facetColumns.entries()) {
    const value = values[i];
    if (typeof value === "string" && (!isTrashed || facet === "lifecycle")) add(counted, facet, value, 1);
  }
  if (isTrashed) return;
  for (const tag of tags) add(counted, "tag", tag, 1);
  for (const rule of rules) add(counted, "rule", rule, 1);
  if (severity !== undefined) add(counted, "severity", severity, 1);
}

function add(counted: Map<string, Map<string, number>>, facet: string, value: string, by: number): void {
  const values = counted.get(facet) ?? new Map<string, number>();
  counted.set(facet, values.set(value, (values.get(value) ?? 0) + by));
}

function isFacetRight({ prepare, hanging }: Tools, row: PoolRow, truth: Counted): boolean {
  const kept = prepare("SELECT * FROM facet WHERE n = ?").get(Number(row["n"]));
  if (kept === undefined) return false;
  const [, ...values] = Object.values(kept);
  const right = hanging.facetValues(truth, facetRowOf(row));
  return right.length === values.length && right.every((value, i) => value === values[i]);
}

function areTagsRight({ prepare }: Tools, row: PoolRow, { tags }: Counted): boolean {
  const kept = new Set<SQLOutputValue | undefined>(
    prepare("SELECT tag FROM example_tag WHERE n = ?")
      .all(Number(row["n"]))
      .map((one) => one["tag"]),
  );
  return kept.size === tags.length && tags.every((tag) => kept.has(tag));
}

/** What the counters keep and what was counted, where they are not the same. */
function differences({ prepare }: Tools, counted: ReadonlyMap<string, ReadonlyMap<string, number>>): Recount["counters"] {
  const kept = prepare(
    `SELECT facet, value, sum(count) AS count FROM counter GROUP BY facet, value
     UNION ALL SELECT '${MEMBERS}', dataset_id, members FROM member_count ORDER BY facet, value`,
  ).all();
  const left = new Map([...counted].map(([facet, values]) => [facet, new Map(values)]));
  const wrong = kept.map((row) => {
    const [facet, value] = [String(row["facet"]), String(row["value"])];
    const there = left.get(facet)?.get(value) ?? 0;
    left.get(facet)?.delete(value);
    return { facet, value, kept: Number(row["count"]), counted: there };
  });
  for (const [facet, values] of left) for (const [value, there] of values) wrong.push({ facet, value, kept: 0, counted: there });
  return wrong.filter((one) => one.kept !== one.counted).toSorted((a, b) => byBytes(a.facet, b.facet) || byBytes(a.value, b.value));
}

function setFacet(tools: Tools, row: PoolRow): void {
  tools.hanging.setFacet(Number(row["n"]), countedRow(tools, row), facetRowOf(row));
}

function setTags({ prepare, hanging }: Tools, row: PoolRow): void {
  const n = Number(row["n"]);
  prepare("DELETE FROM example_tag WHERE n = ?").run(n);
  hanging.addTags(n, parseTags(row["tags"]));
}

function setCounters({ prepare }: Tools, wrong: Recount["counters"]): void {
  const remove = prepare("DELETE FROM counter WHERE facet = ? AND value = ?");
  const put = prepare("INSERT INTO counter (facet, value, count) VALUES (?, ?, ?)");
  const putMembers = prepare("INSERT INTO member_count VALUES (?1, ?2) ON CONFLICT (dataset_id) DO UPDATE SET members = ?2");
  for (const { facet, value, counted } of wrong) {
    if (facet === MEMBERS) {
      putMembers.run(value, counted);
      continue;
    }
    remove.run(facet, value);
    if (counted > 0) put.run(facet, value, counted);
  }
}

function idOf(row: PoolRow): string {
  return String(row["id"]);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
