import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDuck, queryCounts } from "./duckdb.ts";

test("two that outgrow their memory in one folder do not get into each other's way, and leave nothing there", async () => {
  const temporaryFolder = await mkdtemp(join(tmpdir(), "tilth-duck-"));
  const ducks = [1, 2].map(() => openDuck({ temporaryFolder, memoryLimitMb: 40, threads: 1 }));
  const wrong = await Promise.all(
    ducks.map((duck, i) =>
      duck.use(async (session) => {
        await session.connection.run(
          `CREATE TEMP TABLE t AS SELECT range AS a, repeat(md5(range::VARCHAR || '${i}'), 4) AS b FROM range(400000)`,
        );
        expect(await readdir(temporaryFolder)).toHaveLength(2);
        return queryCounts(session, `SELECT count(*) FROM t WHERE b <> repeat(md5(a::VARCHAR || '${i}'), 4)`);
      }),
    ),
  );
  expect(wrong).toEqual([[0], [0]]);
  await Promise.all(ducks.map((duck) => duck.close()));
  expect(await readdir(temporaryFolder)).toEqual([]);
  await rm(temporaryFolder, { recursive: true });
});
