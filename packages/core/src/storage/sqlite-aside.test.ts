import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseFilter } from "../schema/filter.ts";
import { chat, newRow } from "./contract.ts";
import { listExamples } from "./examples.ts";
import { openSqlite } from "./sqlite.ts";
import { createAside } from "./sqlite-aside.ts";
import type { Queries, Storage } from "./storage.ts";

const options = { actor: "user:ana", atMs: 0, rulesVersion: "1" } as const;
let folder: string;
let storage: Storage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-aside-"));
  storage = await openSqlite(join(folder, "pool.db"), { hasAside: true });
});
afterAll(async () => {
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

/** Counts to a number in SQL: about a second for ten millions. */
const countTo = (queries: Queries, number: number): Promise<unknown> =>
  sql`with recursive counter (n) as (select 1 union all select n + 1 from counter where n < ${number}) select max(n) as n from counter`.execute(
    queries,
  );
const countExamples = async (queries: Queries): Promise<number> => (await queries.selectFrom("example").select("n").execute()).length;

test("a read on the other thread sees one snapshot, whatever is written meanwhile", async () => {
  await storage.capture([newRow(chat("q", "a"))], options);
  const seen = await storage.readAside(async ({ queries }) => {
    const before = await countExamples(queries);
    await storage.capture([newRow(chat("r", "b"))], options);
    return { before, after: await countExamples(queries) };
  });
  expect(seen).toEqual({ before: 1, after: 1 });
  expect(await storage.readAside(({ queries }) => countExamples(queries))).toBe(2);
});

test("this thread goes on while the other one reads", async () => {
  const order: string[] = [];
  await Promise.all([
    storage.readAside(async ({ queries }) => {
      await countTo(queries, 2_000_000);
      order.push("long");
    }),
    storage.read(async ({ queries }) => {
      await countExamples(queries);
      order.push("short");
    }),
  ]);
  expect(order).toEqual(["short", "long"]);
});

test("statements of two reads take turns: the short one does not wait for the whole of the long one", async () => {
  const order: string[] = [];
  const long = storage.readAside(async ({ queries }) => {
    for (let i = 0; i < 10; i++) await countTo(queries, 200_000);
    order.push("long");
  });
  const short = storage.readAside(async ({ queries }) => {
    await countExamples(queries);
    order.push("short");
  });
  await Promise.all([long, short]);
  expect(order).toEqual(["short", "long"]);
});

test("more reads at once than there is room for are all carried out", async () => {
  const counts = await Promise.all(Array.from({ length: 40 }, () => storage.readAside(({ queries }) => countExamples(queries))));
  expect(counts).toEqual(Array.from({ length: 40 }, () => 2));
});

test("what SQLite refuses is refused as it is on this thread", async () => {
  const wrong = ({ queries }: { readonly queries: Queries }): Promise<unknown> => sql`select nothing from nowhere`.execute(queries);
  const here = await storage.read(wrong).catch((error: unknown) => error);
  expect(here).toMatchObject({ code: "storage/failed" });
  await expect(storage.readAside(wrong)).rejects.toMatchObject({ code: "storage/failed" });
  expect(await storage.readAside(({ queries }) => countExamples(queries))).toBe(2);
});

test("a statement of a read that failed meanwhile is refused, and the next read sees what is there then", async () => {
  const late = Promise.withResolvers<unknown>();
  const before = await storage.readAside(({ queries }) => countExamples(queries));
  const failing = storage.readAside(async ({ queries }) => {
    await countExamples(queries);
    setTimeout(() => void countExamples(queries).then(late.resolve, late.resolve), 50);
    throw new Error("enough");
  });
  await expect(failing).rejects.toThrow("enough");
  expect(await late.promise).toMatchObject({ code: "storage/failed" });
  await storage.capture([newRow(chat("late", "a"))], options);
  expect(await storage.readAside(({ queries }) => countExamples(queries))).toBe(before + 1);
});

test("a list under a filter and a search give the same on both threads", async () => {
  await storage.capture(
    Array.from({ length: 30 }, (_, i) => newRow(chat(`heron ${i}`, "a"), { domain: i % 2 === 0 ? "birds" : "general" })),
    options,
  );
  const where = parseFilter("domain = birds and input contains heron", { nowMs: 0 });
  const aside = await listExamples(storage, { where, limit: 10 });
  expect(aside.examples).toHaveLength(10);
  expect(await listExamples(storage, { where, limit: 10, isQuick: true })).toEqual(aside);
  const alone = await openSqlite(join(folder, "pool.db"));
  await storage.feedSearch(60_000);
  for (const more of [{}, { where }]) {
    const here = await alone.search("heron", { limit: 20, ...more });
    expect(here.hits.length).toBeGreaterThan(10);
    expect(await storage.search("heron", { limit: 20, ...more })).toEqual(here);
  }
  await alone.close();
});

test("a thread that nobody needs ends, and the next read starts another", async () => {
  const aside = createAside({ path: join(folder, "pool.db"), busyTimeoutMs: 1_000, idleMs: 0 });
  for (let i = 0; i < 3; i++) {
    expect(await aside.read(({ queries }) => countExamples(queries))).toBe(33);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await aside.close();
});

test("a list that its caller gave up stops", async () => {
  const abort = new AbortController();
  abort.abort(new Error("gone"));
  const where = parseFilter("input contains nowhere", { nowMs: 0 });
  await expect(listExamples(storage, { where, limit: 10, signal: abort.signal })).rejects.toThrow("gone");
});

test("a writer that nobody calls ends its thread, and the next call starts another: nothing is lost, and a transaction is waited for", async () => {
  const path = join(folder, "resting.db");
  const resting = await openSqlite(path, { idleMs: 20 });
  const written = async (topic: string): Promise<void> => void (await resting.capture([newRow(chat(topic, "a"))], options));
  for (const topic of ["one", "two", "three"]) {
    await written(topic);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await resting.transaction(async (queries) => {
    await queries.updateTable("example").set({ topic: "held" }).execute();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await queries.selectFrom("example").select("topic").distinct().execute()).toEqual([{ topic: "held" }]);
  });
  await Promise.all([written("four"), written("five")]);
  expect(await resting.read(({ queries }) => countExamples(queries))).toBe(5);
  await resting.close();
});
