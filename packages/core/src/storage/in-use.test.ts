import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isPoolInUse } from "./in-use.ts";
import { openSqlite } from "./sqlite.ts";

test("a pool is in use from when it is read or written first until it is closed, and as good as before then", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tilth-in-use-"));
  try {
    const path = join(folder, "pool.db");
    expect(isPoolInUse(path)).toBe(false);
    for (const round of [1, 2]) {
      const storage = await openSqlite(path);
      const datasets = await storage.read(({ queries }) => queries.selectFrom("dataset").selectAll().execute());
      expect([round, datasets.length, isPoolInUse(path)]).toEqual([round, 0, true]);
      await storage.close();
      expect([round, isPoolInUse(path)]).toEqual([round, false]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
