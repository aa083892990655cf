import type { RawBuilder, SqlBool } from "kysely";
import { sql } from "kysely";
import { TilthError } from "../errors.ts";
import type { DuplicateStrategy, Queries, Storage } from "./storage.ts";

/** Which marks count; all of them where nothing is said. */
export interface MarkChoice {
  /** Only what one search marked. */
  readonly runId?: string;
  readonly strategy?: DuplicateStrategy;
  /** A dataset's id, `""` for the whole pool: what the search was over. */
  readonly scope?: string;
}

export interface ClusterOptions extends MarkChoice {
  /** Clusters a page, 1 to 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
  /** How many duplicates of a cluster are shown; the others are counted. @defaultValue 20 */
  readonly mostDuplicates?: number;
}

/** An example as a list of clusters shows it. */
export interface ClusterExample {
  readonly id: string;
  readonly kind: string;
  /** The first 500 characters. */
  readonly input: string;
  readonly output?: string;
}

export interface ClusterDuplicate extends ClusterExample {
  readonly similarity: number;
  readonly strategy: string;
  readonly method: string;
  readonly runId: string;
}

/** An example that is kept, and those that repeat it. */
export interface Cluster {
  readonly kept: ClusterExample;
  /** 1 + all its duplicates, also those that are not shown. */
  readonly weight: number;
  /** Most similar first. */
  readonly duplicates: readonly ClusterDuplicate[];
}

export interface ClusterPage {
  /** Largest first. */
  readonly clusters: readonly Cluster[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** A search whose marks stand, or what is left of them. */
export interface DuplicateSearch {
  readonly runId: string;
  readonly strategy: string;
  readonly scope: string;
  readonly method: string;
  readonly threshold: number;
  readonly version: string;
  readonly actor: string;
  readonly marks: number;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Lists what repeats what, largest clusters first, page by page. Each page counts all marks once.
 *
 * @throws {@link TilthError} `input/invalid` for a cursor that is not ours.
 */
export async function listClusters(storage: Storage, options: ClusterOptions): Promise<ClusterPage> {
  return storage.read(async ({ queries }) => {
    const found = await clusterSizes(queries, options);
    const page = found.slice(0, options.limit);
    const clusters: Cluster[] = [];
    for (const { witness_n: n, size } of page) {
      const kept = await queries.selectFrom("example").select(shown).where("n", "=", n).executeTakeFirstOrThrow();
      clusters.push({ kept: exampleOf(kept), weight: 1 + size, duplicates: await duplicatesOf(queries, n, options) });
    }
    const last = page.at(-1);
    return found.length > options.limit && last !== undefined ? { clusters, next: `${last.size}.${last.witness_n}` } : { clusters };
  });
}

/** Lists the searches whose marks stand, newest first. */
export async function listDuplicateSearches(storage: Storage): Promise<readonly DuplicateSearch[]> {
  const found = await storage.read(({ queries }) =>
    queries
      .selectFrom("duplicate")
      .select(["run_id", "strategy", "scope", "method", "threshold", "version", "actor"])
      .select(({ fn }) => [fn.countAll<number>().as("marks"), fn.max("found_at").as("at")])
      .groupBy(["run_id", "strategy", "scope", "method", "threshold", "version", "actor"])
      .orderBy("at", "desc")
      .orderBy("run_id", "desc")
      .execute(),
  );
  return found.map(({ run_id: runId, at, ...search }) => ({ ...search, runId, at: new Date(at).toISOString() }));
}

const shown = [
  "id",
  "kind",
  sql<string>`substr(input_text, 1, 500)`.as("input"),
  sql<string | null>`substr(output_text, 1, 500)`.as("output"),
] as const;

async function clusterSizes(queries: Queries, options: ClusterOptions) {
  const size = sql<number>`count(*)`;
  let query = queries
    .selectFrom("duplicate")
    .select(["witness_n", size.as("size")])
    .where(chosen(options))
    .groupBy("witness_n")
    .orderBy("size", "desc")
    .orderBy("witness_n")
    .limit(options.limit + 1);
  if (options.cursor !== undefined) {
    const { size: largest, n } = parseCursor(options.cursor);
    query = query.having(sql<SqlBool>`(count(*), -witness_n) < (${largest}, ${-n})`);
  }
  return query.execute();
}

async function duplicatesOf(queries: Queries, witness: number, options: ClusterOptions): Promise<readonly ClusterDuplicate[]> {
  const found = await queries
    .selectFrom("duplicate")
    .innerJoin("example", "example.n", "duplicate.n")
    .select(shown)
    .select(["similarity", "strategy", "method", "run_id"])
    .where("witness_n", "=", witness)
    .where(chosen(options))
    .orderBy("similarity", "desc")
    .orderBy("duplicate.n")
    .limit(options.mostDuplicates ?? 20)
    .execute();
  return found.map((row) => ({
    ...exampleOf(row),
    similarity: row.similarity,
    strategy: row.strategy,
    method: row.method,
    runId: row.run_id,
  }));
}

function chosen({ runId, strategy, scope }: MarkChoice): RawBuilder<SqlBool> {
  const conditions = [
    sql<SqlBool>`true`,
    ...(runId === undefined ? [] : [sql<SqlBool>`run_id = ${runId}`]),
    ...(strategy === undefined ? [] : [sql<SqlBool>`strategy = ${strategy}`]),
    ...(scope === undefined ? [] : [sql<SqlBool>`scope = ${scope}`]),
  ];
  return sql<SqlBool>`${sql.join(conditions, sql` and `)}`;
}

function exampleOf(row: {
  readonly id: string;
  readonly kind: string;
  readonly input: string;
  readonly output: string | null;
}): ClusterExample {
  const { id, kind, input, output } = row;
  return { id, kind, input, ...(output === null ? {} : { output }) };
}

function parseCursor(cursor: string): { readonly size: number; readonly n: number } {
  const [, size, n] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (size === undefined || n === undefined)
    throw new TilthError("input/invalid", { where: "cursor", problem: "it is not the `next` of a page" });
  return { size: Number(size), n: Number(n) };
}
