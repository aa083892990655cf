import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../storage/sqlite.ts";
import type { Storage } from "../storage/storage.ts";
import { createUlids, systemRandom } from "../text/ulid.ts";

/** A pool in a folder of its own, and a clock that a test sets. */
export interface TestPool {
  readonly path: string;
  readonly storage: Storage;
  readonly clock: { nowMs(): number; forward(ms: number): void };
  newId(): string;
  /** Another writer of the same pool, as another process would be. */
  another(): Promise<Storage>;
  /** Runs SQL behind the back of the storage. */
  meddle(sql: string): void;
  end(): Promise<void>;
}

export async function openTestPool(): Promise<TestPool> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-access-"));
  const path = join(folder, "pool.db");
  let nowMs = Date.UTC(2026, 0, 2, 12);
  const clock = {
    nowMs: () => nowMs,
    forward: (ms: number) => {
      nowMs += ms;
    },
  };
  const others: Storage[] = [];
  const open = (): Promise<Storage> => openSqlite(path, { clock });
  const storage = await open();
  return {
    path,
    storage,
    clock,
    newId: createUlids(clock, systemRandom),
    async another() {
      const other = await open();
      others.push(other);
      return other;
    },
    meddle(sql) {
      const database = new DatabaseSync(path, { timeout: 10_000 });
      try {
        database.exec(sql);
      } finally {
        database.close();
      }
    },
    async end() {
      await Promise.all([storage, ...others].map((one) => one.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
