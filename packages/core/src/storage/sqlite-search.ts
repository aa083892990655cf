import { setTimeout as delay } from "node:timers/promises";
import { expressionBuilder, sql } from "kysely";
import { TilthError } from "../errors.ts";
import type { ExampleRow } from "../schema/row.ts";
import { filterExpression } from "./queries.ts";
import type { Phrase, SearchQuery } from "./search-query.ts";
import { parseSearch } from "./search-query.ts";
import type { Searched } from "./search-snippet.ts";
import { snippetOf } from "./search-snippet.ts";
import { earlierTexts } from "./search-words.ts";
import { parseTags } from "./sqlite-rows.ts";
import type { Fed, Queries, SearchOptions, SearchPage, Snapshot } from "./storage.ts";
import type { Pool } from "./tables.ts";

/** A pool as a search sees it. */
export interface Searchable {
  read<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>;
  /** Lets the index take in one batch of changes. */
  feed(): Promise<Fed>;
}

const DEFAULT_BUDGET_MS = 500;

/** Finds examples by words of their texts, once the index has caught up or the budget is spent. */
export async function searchPool(pool: Searchable, text: string, options: SearchOptions): Promise<SearchPage> {
  const query = parseSearch(text);
  const offset = options.cursor === undefined ? 0 : offsetOf(options.cursor);
  const behind = await pool.read(({ queries, seq }) => pendingChanges(queries, seq));
  if (behind > 0) await catchUp(pool, options.budgetMs ?? DEFAULT_BUDGET_MS);
  return pool.read(async ({ queries, seq }) => {
    const pending = await pendingChanges(queries, seq);
    if (query.wanted.length === 0) return { hits: [], pending };
    const found = await findHits(queries, query, { ...options, offset });
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
export async function feedIndex(pool: Pick<Searchable, "feed">, budgetMs: number, signal?: AbortSignal): Promise<Fed> {
  const untilMs = performance.now() + budgetMs;
  let examples = 0;
  for (;;) {
    signal?.throwIfAborted();
    const fed = await pool.feed();
    examples += fed.examples;
    if (fed.pending === 0 || performance.now() >= untilMs) return { examples, pending: fed.pending };
  }
}

/** A search answers in time, also where the writer has much to do or another process keeps it busy: `pending` says what is missing. */
async function catchUp(pool: Searchable, budgetMs: number): Promise<void> {
  if (budgetMs <= 0) return;
  const over = new AbortController();
  const feeding = feedIndex(pool, budgetMs).catch((error: unknown) => {
    if (!(error instanceof TilthError) || error.code !== "storage/busy") throw error;
  });
  // One that fails after the search has gone on is met again by the next search.
  feeding.catch(() => undefined);
  await Promise.race([feeding, delay(budgetMs, undefined, { signal: over.signal }).catch(() => undefined)]);
  over.abort();
}

/** During a bulk load the change log stands still, and the index of what was an empty pool is empty. */
async function pendingChanges(queries: Queries, seq: number): Promise<number> {
  const reader = await queries.selectFrom("reader").select("position").where("name", "=", "fts").executeTakeFirst();
  const bulk = await queries.selectFrom("setting").select("key").where("key", "=", "bulk").executeTakeFirst();
  const loaded =
    bulk === undefined
      ? undefined
      : await queries
          .selectFrom("example")
          .select(({ fn }) => fn.countAll<number>().as("count"))
          .executeTakeFirst();
  return Math.max(0, seq - (reader?.position ?? 0)) + (loaded?.count ?? 0);
}

/** The virtual table: its own name is the column that a match is asked of. */
type Indexed = { readonly example_fts: { readonly rowid: number; readonly rank: number; readonly example_fts: string } };

/** Ranking costs about 1.5 µs a row on the caller's thread (bench/pool-search.ts): a word that half of the pool says would hold up all else. */
const MOST_RANKED = 10_000;

/** The page of hits and one more. Among equals the newest comes first. */
async function findHits(
  queries: Queries,
  query: SearchQuery,
  { where, datasetId, limit, offset }: SearchOptions & { readonly offset: number },
): Promise<readonly { readonly n: number; readonly rank: number }[]> {
  let newest = queries
    .$extendTables<Indexed>()
    .selectFrom("example_fts")
    // A cross join keeps its order: otherwise each example that a filter selects might be asked of the index.
    .crossJoin("example")
    .select(["example.n", "example_fts.rank"])
    .whereRef("example.n", "=", "example_fts.rowid")
    .where("example_fts.example_fts", sql`match`, matchOf(query))
    .where(sql<boolean>`+example.lifecycle <> 'trashed'`)
    .orderBy("example_fts.rowid", "desc")
    .limit(MOST_RANKED);
  if (where !== undefined) newest = newest.where(filterExpression(expressionBuilder<Pool, "example">(), where));
  if (datasetId !== undefined) {
    newest = newest.where((eb) =>
      eb.exists(eb.selectFrom("member").select("member.n").whereRef("member.n", "=", "example.n").where("dataset_id", "=", datasetId)),
    );
  }
  return queries
    .selectFrom(newest.as("hit"))
    .select(["hit.n", "hit.rank"])
    .orderBy("hit.rank")
    .orderBy("hit.n", "desc")
    .limit(limit + 1)
    .offset(offset)
    .execute();
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
