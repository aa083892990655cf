import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Storage } from "../storage/storage.ts";
import { listAudit } from "./audit-list.ts";
import { verifyAudit } from "./audit-verify.ts";
import type { TestPool } from "./test-pool.ts";
import { openTestPool } from "./test-pool.ts";

let pool: TestPool;
beforeEach(async () => {
  pool = await openTestPool();
});
afterEach(() => pool.end());

const add = async (storage: Storage, ...actions: readonly string[]): Promise<void> => {
  for (const action of actions)
    await storage.addAudit([{ atMs: pool.clock.nowMs(), actor: "user:ana", action, object: "garden", detail: { status: 200, count: 3 } }]);
};

/** Three writers' runs, the second of which goes on after the third began. */
async function threeRuns(): Promise<void> {
  await add(pool.storage, "one", "two", "three");
  const [second, third] = [await pool.another(), await pool.another()];
  await add(second, "four", "five");
  await add(third, "six", "seven");
  await add(second, "eight");
}

const segmentOf = async (action: string): Promise<string> => {
  const [entry] = (await listAudit(pool.storage, { action, limit: 1 })).entries;
  return entry?.segment ?? "";
};

test("an audit that nobody touched is whole, also one without an entry", async () => {
  expect(await verifyAudit(pool.storage)).toEqual({ entries: 0, segments: 0, problems: [] });
  await threeRuns();
  expect(await verifyAudit(pool.storage)).toEqual({ entries: 8, segments: 3, problems: [] });
});

test("texts that SQLite would alter are no forgery", async () => {
  await pool.storage.addAudit([
    { atMs: 1, actor: "a\0b", action: "x", object: "\ud800", detail: { filter: "\udfff \0 é \u2028", count: -0 } },
  ]);
  expect(await verifyAudit(pool.storage)).toMatchObject({ entries: 1, problems: [] });
  expect((await listAudit(pool.storage, { limit: 1 })).entries).toMatchObject([{ actor: "a\ufffdb", object: "\ufffd" }]);
});

describe("finds", () => {
  beforeEach(threeRuns);

  test.each([
    ["another actor", "actor = 'user:eve'"],
    ["another action", "action = 'nothing'"],
    ["another object", "object = 'other'"],
    ["another moment", "at = at + 1"],
    ["another count", `detail = '{"count":4,"status":200}'`],
    ["the same detail spelled otherwise", `detail = '{"status":200, "count":3}'`],
    ["another hash", "hash = zeroblob(32)"],
  ])("%s of an entry, and says which", async (_, change) => {
    pool.meddle(`UPDATE audit SET ${change} WHERE action = 'five'`);
    const { problems } = await verifyAudit(pool.storage);
    expect(problems[0]).toEqual({ segment: expect.any(String), seq: 5, problem: expect.stringContaining("not what it was") });
  });

  test("an entry in the middle that is missing", async () => {
    pool.meddle("DELETE FROM audit WHERE action = 'two'");
    expect((await verifyAudit(pool.storage)).problems).toEqual([
      { segment: await segmentOf("one"), seq: 3, problem: expect.stringContaining("before it is missing") },
    ]);
  });

  test("the first entry of a segment that is missing", async () => {
    pool.meddle("DELETE FROM audit WHERE action = 'six'");
    const found = (await verifyAudit(pool.storage)).problems.map(({ problem }) => problem);
    expect(found).toContain("the segment's first entry is missing");
  });

  test("an entry at the end of a segment that is missing, whether or not another has taken it up", async () => {
    const [first, second] = [await segmentOf("one"), await segmentOf("four")];
    pool.meddle("DELETE FROM audit WHERE action IN ('three', 'eight')");
    const { problems } = await verifyAudit(pool.storage);
    expect(problems).toContainEqual({ segment: first, problem: expect.stringContaining("that the segment") });
    expect(problems).toContainEqual({ segment: second, problem: expect.stringContaining("at its end") });
  });

  test("the end taken away while its writer still writes", async () => {
    const fourth = await pool.another();
    await add(fourth, "nine", "ten");
    pool.meddle("DELETE FROM audit WHERE action = 'ten'");
    await add(fourth, "eleven");
    expect((await verifyAudit(pool.storage)).problems).toMatchObject([{ problem: expect.stringContaining("before it is missing") }]);
  });

  test("a whole segment that is missing, whether or not another has taken it up", async () => {
    const [first, third] = [await segmentOf("one"), await segmentOf("six")];
    pool.meddle("DELETE FROM audit WHERE action IN ('one', 'two', 'three', 'six', 'seven')");
    const { problems, segments } = await verifyAudit(pool.storage);
    expect(segments).toBe(1);
    for (const segment of [first, third])
      expect(problems).toContainEqual({ segment, problem: expect.stringContaining("whole segment is missing") });
  });

  test("a segment that is missing with its head", async () => {
    const [first, second] = [await segmentOf("one"), await segmentOf("four")];
    pool.meddle(`DELETE FROM audit WHERE segment = '${first}'; DELETE FROM audit_head`);
    const problems = (await verifyAudit(pool.storage)).problems;
    expect(problems).toContainEqual({ segment: first, problem: expect.stringContaining("whole segment is missing") });
    expect(problems.map(({ problem }) => problem)).toContain("no other segment and no head knows it");
    expect(problems.map(({ segment }) => segment)).not.toContain(second);
  });

  test("entries whose order was changed", async () => {
    pool.meddle(
      "UPDATE audit SET seq = 100 WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 100",
    );
    expect((await verifyAudit(pool.storage)).problems.length).toBeGreaterThan(1);
  });

  test("an entry that somebody added", async () => {
    pool.meddle(
      "INSERT INTO audit (at, actor, action, object, segment, previous, hash) SELECT at, actor, 'nine', object, 'mine', zeroblob(32), hash FROM audit WHERE seq = 8",
    );
    expect((await verifyAudit(pool.storage)).problems.map(({ segment }) => segment)).toContain("mine");
  });
});

test("many entries are verified in batches, with progress, and can be called off", async () => {
  const entry = { atMs: 1, actor: "user:ana", action: "read", object: "", detail: {} };
  await pool.storage.addAudit(Array.from({ length: 12_000 }, () => entry));
  const steps: number[] = [];
  const report = await verifyAudit(pool.storage, { progress: ({ done, total }) => steps.push(done / total) });
  expect(report).toEqual({ entries: 12_000, segments: 1, problems: [] });
  expect(steps.at(-1)).toBe(1);
  expect(steps.length).toBeGreaterThan(2);
  await expect(verifyAudit(pool.storage, { signal: AbortSignal.abort() })).rejects.toThrow("abort");
});

test("many runs in a row take up one another, not all of them", async () => {
  for (let run = 0; run < 5; run++) {
    const storage = await pool.another();
    await add(storage, `run ${run}`);
    await storage.close();
  }
  const { entries } = await listAudit(pool.storage, { limit: 10 });
  expect(entries.map(({ detail }) => Object.keys(Object(detail["segments"])).length)).toEqual([1, 1, 1, 1, 0]);
  expect(await verifyAudit(pool.storage)).toMatchObject({ segments: 5, problems: [] });
});
