import { setTimeout as delay } from "node:timers/promises";
import type { SqlBool } from "kysely";
import { expressionBuilder, sql } from "kysely";
import { TilthError } from "../errors.ts";
import type { ExampleRow } from "../schema/row.ts";
import { facetCondition } from "./facet-filter.ts";
import { numberAbove } from "./page-query.ts";
import { filterExpression } from "./queries.ts";
import type { Phrase, SearchQuery } from "./search-query.ts";
import { parseSearch } from "./search-query.ts";
import type { Searched } from "./search-snippet.ts";
import { snippetOf } from "./search-snippet.ts";
import { earlierTexts } from "./search-words.ts";
import { parseTags } from "./sqlite-rows.ts";
import type { Fed, Queries, SearchOptions, SearchPage, Snapshot } from "./storage.ts";
import type { Stretch } from "./stretches.ts";
import { walkDown } from "./stretches.ts";
import type { Pool } from "./tables.ts";

/** A pool as a search sees it. */
export interface Searchable {
  read<T>(work: (snapshot: Pick<Snapshot, "queries">) => Promise<T>): Promise<T>;
  /** Lets the index take in some of what it has not seen; calls at once share the work. `busy`: not now, others have the pool or the time. */
  feed(): Promise<"caught-up" | "behind" | "busy">;
  /** How long a search waits for an index that is so many changes behind. */
  patienceMs(behind: number): number;
}

/** Finds examples by words of their texts, once the index has caught up or the budget is spent. */
export async function searchPool(pool: Searchable, text: string, options: SearchOptions): Promise<SearchPage> {
  const query = parseSearch(text);
  const offset = options.cursor === undefined ? 0 : offsetOf(options.cursor);
  const behind = await behindOf(pool);
  if (behind > 0) await catchUp(pool, options.budgetMs ?? pool.patienceMs(behind));
  return pool.read(async ({ queries }) => {
    const hitsOf = async (): Promise<readonly Hit[]> => (query.wanted.length === 0 ? [] : findHits(queries, query, { ...options, offset }));
    const [pending, found] = await Promise.all([pendingChanges(queries), hitsOf()]);
    const page = found.slice(0, options.limit);
    const rows = await rowsOf(
      queries,
      page.map(({ n }) => n),
    );
    const hits = page.flatMap(({ n, rank }) => {
      const row = rows.get(n);
      return row === undefined ? [] : [{ id: row.id, n, score: -rank, snippet: snippetOf(textsOf(row), query) }];
    });
    return found.length > options.limit ? { hits, next: String(offset + options.limit), pending } : { hits, pending };
  });
}

/** Feeds batch after batch until the index has caught up or the budget is spent. */
export async function feedIndex(feed: () => Promise<Fed>, budgetMs: number, signal?: AbortSignal): Promise<Fed> {
  const untilMs = performance.now() + budgetMs;
  let examples = 0;
  for (;;) {
    signal?.throwIfAborted();
    const fed = await feed();
    examples += fed.examples;
    if (fed.pending === 0 || performance.now() >= untilMs) return { examples, pending: fed.pending };
  }
}

/** So long a search that others wait behind looks whether the index has what was written a moment ago. */
const SHORT_PATIENCE_MS = 20;
/** Just long enough to have it go on. */
const NO_PATIENCE_MS = 1;
const LONG_PATIENCE_MS = 500;
/** What an import left behind is not caught up with in a moment. */
const FEW_CHANGES = 500;

/** How long a search waits for the index: alone it may take its time, beside others a moment, and that only where it helps. */
export function patienceOf(isShared: boolean): Searchable["patienceMs"] {
  return (behind) => (isShared ? (behind > FEW_CHANGES ? NO_PATIENCE_MS : SHORT_PATIENCE_MS) : LONG_PATIENCE_MS);
}

/** In a server an index that is far behind is fed a batch now and then: all of it would take a core from those who search. */
const SHARED_MS = 1;
const SHARED_REST_MS = 2_000;

/** Lets searches that come at once wait for the same feeding, which goes on for a while when they have gone on. */
export function createFeeder(feed: () => Promise<Fed>, isShared: boolean): Searchable["feed"] {
  let underWay: ReturnType<Searchable["feed"]> | undefined;
  let restsUntilMs = 0;
  const run: Searchable["feed"] = async () => {
    try {
      const { pending } = await feedIndex(feed, isShared ? SHARED_MS : LONG_PATIENCE_MS);
      if (isShared && pending > FEW_CHANGES) restsUntilMs = performance.now() + SHARED_REST_MS;
      return pending === 0 ? "caught-up" : "behind";
    } catch (error) {
      if (!(error instanceof TilthError) || error.code !== "storage/busy") throw error;
      return "busy";
    } finally {
      underWay = undefined;
    }
  };
  return async () => (performance.now() < restsUntilMs ? "busy" : (underWay ??= run()));
}

/** A search answers in time, also where the writer has much to do or another process keeps it busy: `pending` says what is missing. */
async function catchUp(pool: Searchable, budgetMs: number): Promise<void> {
  const untilMs = performance.now() + budgetMs;
  let caughtUp = 0;
  for (let leftMs = budgetMs; leftMs > 0 && caughtUp < 2; leftMs = untilMs - performance.now()) {
    const over = new AbortController();
    const feeding = pool.feed();
    // One that fails after the search has gone on is met again by the next search.
    feeding.catch(() => undefined);
    const fed = await Promise.race([feeding, delay(leftMs, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
    if (fed === undefined || fed === "busy") return;
    // What another search had begun may have ended before the newest changes: once more is enough.
    if ((await behindOf(pool)) === 0) return;
    if (fed === "caught-up") caughtUp++;
  }
}

function behindOf(pool: Searchable): Promise<number> {
  return pool.read(({ queries }) => pendingChanges(queries));
}

/** During a bulk load the change log stands still, and the index of what was an empty pool is empty. */
async function pendingChanges(queries: Queries): Promise<number> {
  const [last, reader, bulk] = await Promise.all([
    sql<{ readonly seq: number }>`select seq from sqlite_sequence where name = 'change_log'`.execute(queries),
    queries.selectFrom("reader").select("position").where("name", "=", "fts").executeTakeFirst(),
    queries.selectFrom("setting").select("key").where("key", "=", "bulk").executeTakeFirst(),
  ]);
  const loaded =
    bulk === undefined
      ? undefined
      : await queries
          .selectFrom("example")
          .select(({ fn }) => fn.countAll<number>().as("count"))
          .executeTakeFirst();
  return Math.max(0, (last.rows[0]?.seq ?? 0) - (reader?.position ?? 0)) + (loaded?.count ?? 0);
}

/** An example that fits; the lower its rank, the better. */
interface Hit {
  readonly n: number;
  readonly rank: number;
}

interface FindOptions extends SearchOptions {
  readonly offset: number;
}

/** Ranking costs several µs a row: a word that half of the pool says would hold up all else (bench/pool-search.ts). */
const MOST_RANKED = 2_000;

/** The page of hits and one more. Among equals the newest comes first. */
async function findHits(queries: Queries, query: SearchQuery, options: FindOptions): Promise<readonly Hit[]> {
  const match = matchOf(query);
  if (options.where === undefined && options.datasetId === undefined) return findAmongAll(queries, match, options);
  const found: Hit[] = [];
  await walkDown({ below: await numberAbove(queries), rowsAre: "whole", signal: options.signal }, async (stretch) => {
    found.push(...(await findInStretch(queries, match, { ...options, ...stretch, most: MOST_RANKED - found.length })));
    return found.length >= MOST_RANKED;
  });
  return found.toSorted((a, b) => a.rank - b.rank || b.n - a.n).slice(options.offset, options.offset + options.limit + 1);
}

/** What lies in the trash is mostly gone from the index already: it is left out of what was found, not looked up for every row. */
async function findAmongAll(queries: Queries, match: string, { limit, offset }: FindOptions): Promise<readonly Hit[]> {
  const { rows } = await sql<Hit>`
    select hit.n, hit.rank from (
      select n, rank from (
        select rowid as n, rank from example_fts where example_fts match ${match} order by rowid desc limit ${MOST_RANKED}
      ) order by rank, n desc limit ${MOST_RANKED}
    ) as hit cross join example
    where example.n = hit.n and +example.lifecycle <> 'trashed' limit ${limit + 1} offset ${offset}`.execute(queries);
  return rows;
}

/** The small rows say of most examples that they do not fit; a cross join keeps SQLite to this order. */
async function findInStretch(
  queries: Queries,
  match: string,
  { where, datasetId, from, below, most }: FindOptions & Stretch & { readonly most: number },
): Promise<readonly Hit[]> {
  const facets = where === undefined ? undefined : facetCondition(where);
  const conditions = [
    sql<SqlBool>`example_fts match ${match} and example_fts.rowid >= ${from} and example_fts.rowid < ${below}`,
    sql<SqlBool>`facet.n = example_fts.rowid and example.n = example_fts.rowid`,
    ...(facets === undefined ? [] : [facets]),
    ...(datasetId === undefined
      ? []
      : [sql<SqlBool>`exists (select 1 from member where dataset_id = ${datasetId} and member.n = example_fts.rowid)`]),
    sql<SqlBool>`+example.lifecycle <> 'trashed'`,
    ...(where === undefined ? [] : [filterExpression(expressionBuilder<Pool, "example">(), where)]),
  ];
  const { rows } = await sql<Hit>`
    select example.n, example_fts.rank from example_fts cross join facet not indexed cross join example
    where ${sql.join(conditions, sql` and `)} order by example_fts.rowid desc limit ${most}`.execute(queries);
  return rows;
}

type FoundRow = Pick<ExampleRow, "id" | "input_text" | "output_text" | "context" | "rejected_output" | "body" | "tags">;

async function rowsOf(queries: Queries, ns: readonly number[]): Promise<ReadonlyMap<number, FoundRow>> {
  if (ns.length === 0) return new Map();
  const columns = ["n", "id", "input_text", "output_text", "context", "rejected_output", "body", "tags"] as const;
  const rows = await queries.selectFrom("example").select(columns).where("n", "in", ns).execute();
  return new Map(rows.map(({ n, ...row }) => [n, row]));
}

/** Words hold no character that means something to the index, and each phrase is quoted: there is no syntax left to be wrong. */
function matchOf({ wanted, unwanted }: SearchQuery): string {
  const all = wanted.map(quoted).join(" AND ");
  return unwanted.length === 0 ? all : `(${all}) NOT (${unwanted.map(quoted).join(" OR ")})`;
}

function quoted(phrase: Phrase): string {
  return `"${phrase.join(" ")}"`;
}

function textsOf(row: FoundRow): readonly Searched[] {
  const { input_text: input, output_text: output, context, rejected_output: rejected, body, tags } = row;
  const texts: Searched[] = [{ field: "input", text: input }];
  if (output !== null) texts.push({ field: "output", text: output });
  if (context !== null) texts.push({ field: "context", text: context });
  if (rejected !== null) texts.push({ field: "rejected", text: rejected });
  for (const text of earlierTexts(body, [input, output, rejected])) texts.push({ field: "messages", text });
  return [...texts, { field: "tags", text: parseTags(tags).join(", ") }];
}

function offsetOf(cursor: string): number {
  if (!/^\d{1,9}$/.test(cursor)) throw new TilthError("input/invalid", { where: "cursor", problem: "it is not the `next` of a page" });
  return Number(cursor);
}
