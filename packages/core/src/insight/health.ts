import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { shippedTable } from "../embed/static.ts";
import { lookIntoSpool } from "../intake/spool-left.ts";
import type { Config } from "../schema/config.ts";
import type { Storage } from "../storage/storage.ts";

/** A part that does not do what it should, while the rest goes on. */
export interface Degraded {
  readonly part: "directories" | "pool" | "duckdb" | "embedder" | "search-index" | "spool" | "disk";
  readonly reason: string;
  readonly wayOut: string;
}

/** How a workspace is, cheaply found out. */
export interface Health {
  readonly degraded: readonly Degraded[];
  readonly directoriesOk: boolean;
  readonly poolBytes: number;
  /** Of the pool's write-ahead log. */
  readonly walBytes: number;
  /** On the disk of the pool. */
  readonly poolFreeBytes: number;
  /** On the disk of the versions. */
  readonly storeFreeBytes: number;
  /** Changes that the search index has not seen. */
  readonly searchPending: number;
  /** Examples; the trash left out. */
  readonly examples: number;
  /** How long captured events have waited for the pool; 0 where none wait. */
  readonly captureLagMs: number;
}

export interface HealthPlace {
  readonly paths: { readonly data: string; readonly pool: string; readonly store: string; readonly spool: string };
  readonly config: Pick<Config, "embedder">;
  readonly storage: () => Promise<Storage>;
  readonly nowMs: number;
}

const LITTLE_DISK_BYTES = 1_000_000_000;
const MANY_PENDING = 50_000;
const LONG_LAG_MS = 60_000;

/** Looks at every part without waking what sleeps: no engine is loaded, no table read. */
export async function readHealth({ paths, config, storage, nowMs }: HealthPlace): Promise<Health> {
  const directories = await directoriesOf(paths);
  const pool = await poolOf(storage);
  const poolFreeBytes = await freeBytes(paths.data);
  const storeFreeBytes = await freeBytes(paths.store, paths.data);
  const { oldestMs = nowMs } = await lookIntoSpool(paths.spool);
  const captureLagMs = Math.max(0, nowMs - oldestMs);
  const degraded = [
    directories,
    pool.degraded,
    duckdb(),
    await embedder(config),
    behind(pool.searchPending),
    late(captureLagMs),
    disk(Math.min(poolFreeBytes, storeFreeBytes)),
  ];
  return {
    degraded: degraded.filter((one) => one !== undefined),
    directoriesOk: directories === undefined,
    poolBytes: await bytesOf(paths.pool),
    walBytes: await bytesOf(`${paths.pool}-wal`),
    poolFreeBytes,
    storeFreeBytes,
    searchPending: pool.searchPending,
    examples: pool.examples,
    captureLagMs,
  };
}

/** The store is made with the first version: where it is missing, the folder it comes into counts. */
async function directoriesOf({ data, store }: HealthPlace["paths"]): Promise<Degraded | undefined> {
  const writable = (path: string): Promise<boolean> =>
    access(path, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
  const there = await stat(store).then(
    () => true,
    () => false,
  );
  if ((await writable(data)) && (!there || (await writable(store)))) return undefined;
  return {
    part: "directories",
    reason: "a data folder cannot be read and written",
    wayOut: "Give this user read and write access to .tilth/.",
  };
}

async function poolOf(
  storage: HealthPlace["storage"],
): Promise<{ readonly degraded?: Degraded; readonly searchPending: number; readonly examples: number }> {
  try {
    return await (
      await storage()
    ).read(async ({ queries, seq }) => {
      const reader = await queries.selectFrom("reader").select("position").where("name", "=", "fts").executeTakeFirst();
      const kinds = await queries
        .selectFrom("counter")
        .select(({ fn }) => fn.sum<number>("count").as("count"))
        .where("facet", "=", "kind")
        .executeTakeFirst();
      return { searchPending: Math.max(0, seq - (reader?.position ?? 0)), examples: Number(kinds?.count ?? 0) };
    });
  } catch {
    // What is wrong with it is said in full to whoever uses it; here it would tell strangers about this machine.
    const degraded: Degraded = { part: "pool", reason: "the pool cannot be read", wayOut: "`tilth doctor` says more." };
    return { degraded, searchPending: 0, examples: 0 };
  }
}

function duckdb(): Degraded | undefined {
  try {
    createRequire(import.meta.url).resolve("@duckdb/node-bindings");
    return undefined;
  } catch {
    return { part: "duckdb", reason: "DuckDB is not installed: versions cannot be made or read", wayOut: "Install Tilth once more." };
  }
}

async function embedder({ embedder: setting = "static-v2" }: HealthPlace["config"]): Promise<Degraded | undefined> {
  const isShipped = typeof setting === "string" ? setting.startsWith("static-v2") : setting.kind === "static" && setting.path === undefined;
  if (
    !isShipped ||
    (await stat(shippedTable).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  return {
    part: "embedder",
    reason: "the embedder's table is missing: meanings are not compared",
    wayOut: "Install Tilth once more, or set embedder: hash-v1.",
  };
}

function behind(pending: number): Degraded | undefined {
  if (pending < MANY_PENDING) return undefined;
  return {
    part: "search-index",
    reason: `the search index has not seen ${pending.toLocaleString("en-US")} changes`,
    wayOut: "Searching catches up with them; until then answers may miss the newest examples.",
  };
}

function late(lagMs: number): Degraded | undefined {
  if (lagMs < LONG_LAG_MS) return undefined;
  return {
    part: "spool",
    reason: `captured events have waited for the pool for ${Math.round(lagMs / 1_000).toLocaleString("en-US")} seconds`,
    wayOut: "Nothing is lost: a server takes them in as soon as it can, `tilth doctor --repair` at once.",
  };
}

function disk(bytes: number): Degraded | undefined {
  if (bytes >= LITTLE_DISK_BYTES) return undefined;
  return { part: "disk", reason: `only ${Math.round(bytes / 1_000_000)} MB are free`, wayOut: "Make room before writing stops." };
}

async function freeBytes(path: string, otherwise?: string): Promise<number> {
  const facts = await statfs(path).catch(() => undefined);
  if (facts !== undefined) return facts.bavail * facts.bsize;
  return otherwise === undefined ? 0 : freeBytes(otherwise);
}

async function bytesOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
