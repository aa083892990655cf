import { afterEach, beforeEach, expect, test } from "vitest";
import { listAudit } from "./audit-list.ts";
import type { TestPool } from "./test-pool.ts";
import { openTestPool } from "./test-pool.ts";

let pool: TestPool;
beforeEach(async () => {
  pool = await openTestPool();
  const actors = ["user:ana", "key:ci"];
  await pool.storage.addAudit(
    Array.from({ length: 7 }, (_, i) => ({
      atMs: 1_000 * i,
      actor: actors[i % 2] ?? "",
      action: "example.list",
      object: `d${i % 3}`,
      detail: { count: i },
    })),
  );
});
afterEach(() => pool.end());

const counts = async (options: Partial<Parameters<typeof listAudit>[1]>): Promise<unknown[]> =>
  (await listAudit(pool.storage, { limit: 100, ...options })).entries.map(({ detail }) => detail["count"]);

test("lists the newest first, page by page", async () => {
  const first = await listAudit(pool.storage, { limit: 4 });
  expect(first.entries.map(({ seq }) => seq)).toEqual([7, 6, 5, 4]);
  const second = await listAudit(pool.storage, { limit: 4, cursor: first.next ?? "" });
  expect(second.entries.map(({ seq }) => seq)).toEqual([3, 2, 1]);
  expect(second.next).toBeUndefined();
  await expect(listAudit(pool.storage, { limit: 4, cursor: "first" })).rejects.toMatchObject({ code: "input/invalid" });
});

test("by actor, action, object and time", async () => {
  expect(await counts({ actor: "key:ci" })).toEqual([5, 3, 1]);
  expect(await counts({ object: "d0", actor: "user:ana" })).toEqual([6, 0]);
  expect(await counts({ sinceMs: 2_000, untilMs: 4_000 })).toEqual([3, 2]);
  expect(await counts({ action: "example.show" })).toEqual([]);
});

test("shows a detail that somebody broke as it stands", async () => {
  pool.meddle("UPDATE audit SET detail = '{oh' WHERE seq = 7");
  expect((await listAudit(pool.storage, { limit: 1 })).entries[0]?.detail).toEqual({ unreadable: "{oh" });
});
