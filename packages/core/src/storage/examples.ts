import { TilthError } from "../errors.ts";
import type { Engagement, Example } from "../schema/example.ts";
import type { Filter } from "../schema/filter.ts";
import type { Finding } from "../schema/finding.ts";
import type { ExampleRow, RowExtras } from "../schema/row.ts";
import { rowToExample } from "../schema/row.ts";
import { readPage } from "./page-query.ts";
import type { Queries, Storage } from "./storage.ts";

export interface ListOptions {
  readonly where?: Filter;
  /** A dataset's id: only its members. */
  readonly datasetId?: string;
  /** 1 to 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
  /** Asked now and then while the pool is gone through. */
  readonly signal?: AbortSignal;
  /** Nearly every example fits, so that the page is found at once. */
  readonly isQuick?: boolean;
}

export interface ExamplePage {
  readonly examples: readonly Example[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ShownExample {
  readonly example: Example;
  readonly findings: readonly Finding[];
  /** Ids of the datasets it is a member of. */
  readonly datasets: readonly string[];
}

/**
 * Lists examples, newest first, page by page. A page costs what it shows where the filter asks for indexed fields.
 *
 * @throws {@link TilthError} `input/invalid` for a cursor that is not ours.
 */
export async function listExamples(storage: Storage, options: ListOptions): Promise<ExamplePage> {
  const below = options.cursor === undefined ? {} : { below: cursorNumber(options.cursor) };
  const read: Storage["readAside"] = options.isQuick === true ? (work) => storage.read(work) : (work) => storage.readAside(work);
  return read(async ({ queries }) => {
    const rows = await readPage(queries, { ...options, ...below, rows: options.limit + 1 });
    const page = rows.slice(0, options.limit);
    const extras = await extrasOf(
      queries,
      page.map((row) => row.n),
    );
    const examples = page.map((row) => rowToExample(row, extras.get(row.n) ?? {}));
    const last = page.at(-1);
    return rows.length > options.limit && last !== undefined ? { examples, next: String(last.n) } : { examples };
  });
}

/**
 * Finds one example by its id, by the id of a duplicate that was skipped, or by the start of an id where only one begins so.
 *
 * @throws {@link TilthError} `example/not-found`, `example/ambiguous`.
 */
export async function showExample(storage: Storage, id: string): Promise<ShownExample> {
  return storage.read(async ({ queries }) => {
    const row = await findRow(queries, id);
    const extras = await extrasOf(queries, [row.n]);
    const findings = await queries.selectFrom("finding").selectAll().where("n", "=", row.n).orderBy("rule").orderBy("ordinal").execute();
    const datasets = await queries.selectFrom("member").select("dataset_id").where("n", "=", row.n).orderBy("dataset_id").execute();
    return {
      example: rowToExample(row, extras.get(row.n) ?? {}),
      findings: findings.map((found) => ({
        rule: found.rule,
        severity: found.severity,
        message: found.message,
        at: found.at,
        ...(found.at_start === null ? {} : { start: found.at_start }),
        ...(found.at_end === null ? {} : { end: found.at_end }),
        ...(found.suggestion === null ? {} : { suggestion: found.suggestion }),
      })),
      datasets: datasets.map((member) => member.dataset_id),
    };
  });
}

/**
 * Finds the row of one example by its id, by the id of a duplicate that was skipped, or by the start of an id where only one begins so.
 *
 * @throws {@link TilthError} `example/not-found`, `example/ambiguous`.
 */
export async function findRow(queries: Queries, id: string): Promise<ExampleRow & { readonly n: number }> {
  const exact = await queries.selectFrom("example").selectAll().where("id", "=", id).executeTakeFirst();
  if (exact !== undefined) return exact;
  const prefix = id.toUpperCase();
  const alias = await queries
    .selectFrom("alias")
    .innerJoin("example", "example.n", "alias.n")
    .selectAll("example")
    .where("alias.id", "in", [id, prefix])
    .executeTakeFirst();
  if (alias !== undefined) return alias;
  const begin = await queries.selectFrom("example").selectAll().where("id", ">=", prefix).where("id", "<", `${prefix}~`).limit(2).execute();
  const [first, second] = begin;
  if (first === undefined || id === "") throw new TilthError("example/not-found", { id });
  if (second !== undefined) throw new TilthError("example/ambiguous", { id });
  return first;
}

/** What a page of rows shows from other tables: a query a table, whatever the page's size. */
async function extrasOf(queries: Queries, ns: readonly number[]): Promise<ReadonlyMap<number, RowExtras>> {
  if (ns.length === 0) return new Map();
  const tiers = queries.selectFrom("score").select(["n", "factors"]).where("n", "in", ns).where("name", "=", "tier");
  // Asked together: on another thread they travel together.
  const [scores, stats, subjects] = await Promise.all([
    tiers.execute(),
    queries.selectFrom("example_stat").selectAll().where("n", "in", ns).execute(),
    queries.selectFrom("subject").selectAll().where("n", "in", ns).execute(),
  ]);
  const extras = new Map<number, RowExtras>();
  const add = (n: number, extra: RowExtras): unknown => extras.set(n, { ...extras.get(n), ...extra });
  for (const score of scores) add(score.n, { factors: JSON.parse(score.factors) });
  for (const stat of stats) {
    const engagement = engagementOf(stat);
    if (Object.keys(engagement).length > 0) add(stat.n, { engagement });
  }
  for (const subject of subjects) add(subject.n, { subjectId: Buffer.from(subject.subject).toString("hex") });
  return extras;
}

const engagementColumns = ["impressions", "viewers", "likes", "reposts", "replies", "bookmarks", "shares", "dismissals"] as const;

function engagementOf(stat: Readonly<Record<(typeof engagementColumns)[number], number>>): Engagement {
  return Object.fromEntries(engagementColumns.filter((name) => stat[name] > 0).map((name) => [name, stat[name]]));
}

function cursorNumber(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new TilthError("input/invalid", { where: "cursor", problem: "it is not the `next` of a page" });
  return Number(cursor);
}
