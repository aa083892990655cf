import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFilter } from "../schema/filter.ts";
import { chat, newRow } from "./contract.ts";
import type { ListOptions } from "./examples.ts";
import { listExamples, showExample } from "./examples.ts";
import { openSqlite } from "./sqlite.ts";
import type { NewRow, Storage } from "./storage.ts";

const options = { actor: "user:ana", atMs: 1_767_312_000_000, rulesVersion: "rules-1" };
const idOf = (prefix: string, number: number): string => `01${prefix}${String(number).padStart(24 - prefix.length, "0")}`;
const rows: readonly NewRow[] = Array.from({ length: 25 }, (_, i) =>
  newRow(chat(`question ${i}`, `answer ${i}`), { id: idOf(i < 20 ? "AAAA" : "BBBB", i), topic: i % 2 === 0 ? "even" : "odd" }),
);
const newestFirst = rows.map(({ row }) => row.id).toReversed();

let folder: string;
let storage: Storage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-examples-"));
  storage = await openSqlite(join(folder, "pool.db"));
  await storage.transaction((queries) =>
    queries
      .insertInto("dataset")
      .values({ id: "d", name: "D", kind: null, created_by: "user:ana", created_at: 1, updated_at: 1 })
      .execute(),
  );
  await storage.capture(rows.slice(0, 12), { ...options, datasetId: "d" });
  await storage.capture(rows.slice(12), options);
});
afterAll(async () => {
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

async function allPages(asked: ListOptions): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await listExamples(storage, { ...asked, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(page.examples.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return pages;
}

describe("pages", () => {
  test.each([1, 7, 24, 25, 26, 1_000])("of %i rows hold every example once, newest first", async (limit) => {
    const pages = await allPages({ limit });
    expect(pages.flat()).toEqual(newestFirst);
    expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    expect(pages.at(-1)?.length).toBeGreaterThan(0);
  });

  test("of a filter or a dataset hold what fits, and end where it ends", async () => {
    const where = parseFilter("topic = even", { nowMs: options.atMs });
    expect((await allPages({ limit: 4, where })).map((page) => page.length)).toEqual([4, 4, 4, 1]);
    expect((await allPages({ limit: 5, datasetId: "d" })).flat()).toEqual(newestFirst.slice(-12));
    expect((await allPages({ limit: 5, datasetId: "d", where })).flat()).toHaveLength(6);
    expect(await allPages({ limit: 5, datasetId: "nobody" })).toEqual([[]]);
  });

  test("do not repeat or skip when rows are added meanwhile", async () => {
    const first = await listExamples(storage, { limit: 10 });
    await storage.capture([newRow(chat("late question", "late answer"), { id: idOf("CCCC", 1), topic: "late" })], options);
    const second = await listExamples(storage, { limit: 10, ...(first.next === undefined ? {} : { cursor: first.next }) });
    expect([...first.examples, ...second.examples].map(({ id }) => id)).toEqual(newestFirst.slice(0, 20));
  });

  test.each(["abc", "-1", "1.5", "", "1e3", "9".repeat(16)])("a cursor such as %j is refused", async (cursor) => {
    await expect(listExamples(storage, { limit: 5, cursor })).rejects.toMatchObject({ code: "input/invalid" });
  });

  test("show what lies in other tables", async () => {
    const subjectId = "cd".repeat(32);
    const score = { name: "tier", value: 0.7, tier: "silver", factors: { base: 0.5, length: 0.2 }, version: "pack-1" };
    const row = newRow(chat("liked question", "liked answer"), {
      topic: "liked",
      engagement: { likes: 3, shares: 1 },
      subjectId,
      scores: [score],
    });
    await storage.capture([row], options);
    const { examples } = await listExamples(storage, { limit: 1 });
    expect(examples).toMatchObject([
      { id: row.row.id, engagement: { likes: 3, shares: 1 }, subjectId, quality: { factors: { base: 0.5, length: 0.2 } } },
    ]);
    expect((await showExample(storage, row.row.id)).example).toEqual(examples[0]);
  });
});

describe("one example", () => {
  test("is found by its id, however it is written, or by a start that only it has", async () => {
    const id = idOf("EEEE", 1);
    await storage.capture([newRow(chat("lonely question", "lonely answer"), { id })], options);
    for (const asked of [id, id.toLowerCase(), id.slice(0, 25), "01EE", "01ee"])
      expect((await showExample(storage, asked)).example.id).toBe(id);
  });

  test("is not found by a start that several have", async () => {
    await expect(showExample(storage, "01AAAA")).rejects.toMatchObject({ code: "example/ambiguous", details: { id: "01AAAA" } });
  });

  test.each(["01ZZZZ", "", "%", "_", "01AAAA~", "🎀"])("is not found by %j", async (asked) => {
    await expect(showExample(storage, asked)).rejects.toMatchObject({ code: "example/not-found", kind: "not-found" });
  });

  test("is found by the id of a duplicate that was skipped", async () => {
    const twin = newRow(chat("question 3", "answer 3"), { id: idOf("DDDD", 1) });
    expect(await storage.capture([twin], options)).toMatchObject([{ status: "duplicate", id: idOf("AAAA", 3) }]);
    for (const asked of [twin.row.id, twin.row.id.toLowerCase()])
      expect((await showExample(storage, asked)).example.id).toBe(idOf("AAAA", 3));
  });

  test("comes with its findings by rule and its datasets by id", async () => {
    const row = newRow(chat("flawed question", "flawed answer"), {
      findings: [
        { rule: "truncated", severity: "error", message: "cut off", at: "/messages/1/content", start: 2, end: 4, suggestion: "finish it" },
        { rule: "encoding", severity: "warning", message: "odd", at: "" },
      ],
    });
    await storage.capture([row], { ...options, datasetId: "d" });
    expect(await showExample(storage, row.row.id)).toMatchObject({
      findings: [
        { rule: "encoding", severity: "warning", message: "odd", at: "" },
        { rule: "truncated", severity: "error", message: "cut off", at: "/messages/1/content", start: 2, end: 4, suggestion: "finish it" },
      ],
      datasets: ["d"],
    });
    const { findings } = await showExample(storage, row.row.id);
    expect(findings.map((finding) => Object.keys(finding).length)).toEqual([4, 7]);
  });
});
