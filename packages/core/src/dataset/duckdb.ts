import { mkdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import type * as nodeApi from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from "@duckdb/node-api";
import type nodeBindings from "@duckdb/node-bindings";
import { temporaryName } from "../objects/temporary.ts";

type Api = typeof nodeApi;
type Bindings = typeof nodeBindings;

/** One connection with what is needed to speak to it. Temporary tables live and die with it. */
export interface DuckSession {
  readonly connection: DuckDBConnection;
  readonly api: Api;
  /** The layer below `api`, for writing whole columns at once. */
  readonly bindings: Bindings;
}

/** DuckDB in this process, in memory. It starts with the first use, so that commands that never need it stay quick. */
export interface Duck {
  /** Gives `work` a connection of its own and closes it afterwards. */
  use<T>(work: (session: DuckSession) => Promise<T>): Promise<T>;
  /** Waits for what is running, then frees everything. */
  close(): Promise<void>;
}

export interface DuckOptions {
  /** Where tables go that do not fit in memory, each process in a folder of its own; made when needed. */
  readonly temporaryFolder: string;
  /** @defaultValue 1_024 */
  readonly memoryLimitMb?: number;
  /** @defaultValue 2 */
  readonly threads?: number;
}

/**
 * Prepares DuckDB without starting it.
 *
 * It loads and installs no extension by itself: nothing is ever downloaded.
 */
export function openDuck(options: DuckOptions): Duck {
  let engine: Promise<Engine> | undefined;
  let closed = false;
  const running = new Set<Promise<unknown>>();
  return {
    use(work) {
      if (closed) return Promise.reject(new Error("DuckDB is closed"));
      engine ??= startEngine(options);
      const done = withConnection(engine, work);
      const settled: Promise<void> = done.then(nothing, nothing).finally(() => running.delete(settled));
      running.add(settled);
      return done;
    },
    async close() {
      closed = true;
      await Promise.all(running);
      const started = await engine?.catch(() => undefined);
      engine = undefined;
      if (started === undefined) return;
      started.instance.closeSync();
      await rm(started.folder, { recursive: true, force: true });
    },
  };
}

interface Engine {
  readonly api: Api;
  readonly bindings: Bindings;
  readonly instance: DuckDBInstance;
  readonly folder: string;
}

async function startEngine(options: DuckOptions): Promise<Engine> {
  const [api, { default: bindings }] = await Promise.all([import("@duckdb/node-api"), import("@duckdb/node-bindings")]);
  // Not shared: two processes that spill into one folder overwrite each other's files, which DuckDB names alike in each.
  const folder = join(options.temporaryFolder, temporaryName());
  await mkdir(folder, { recursive: true });
  const instance = await api.DuckDBInstance.create(":memory:", {
    threads: String(options.threads ?? 2),
    memory_limit: `${options.memoryLimitMb ?? 1_024}MiB`,
    temp_directory: folder,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  return { api, bindings, instance, folder };
}

function nothing(): void {}

async function withConnection<T>(engine: Promise<Engine>, work: (session: DuckSession) => Promise<T>): Promise<T> {
  const { api, bindings, instance, folder } = await engine;
  // An old folder would be taken for one that another machine left behind.
  await mkdir(folder, { recursive: true });
  await utimes(folder, new Date(), new Date());
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await work({ connection, api, bindings });
  } finally {
    connection.disconnectSync();
  }
}

/** All rows of a short answer. */
export async function queryRows({ connection }: DuckSession, sql: string): Promise<readonly (readonly DuckDBValue[])[]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

/** The first row of an answer as whole numbers; a missing or null value is 0. */
export async function queryCounts(session: DuckSession, sql: string): Promise<readonly number[]> {
  const [row = []] = await queryRows(session, sql);
  return row.map((value) => (typeof value === "bigint" || typeof value === "number" ? Number(value) : 0));
}

/** A text as a SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
