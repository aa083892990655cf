import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openWorkspace } from "@tilth/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram([]);
});
afterAll(() => program.end());

test("an empty audit is whole, and says who writes it", async () => {
  expect(await program.tilth("audit")).toMatchObject({ code: 0, out: expect.stringContaining("each request of a server") });
  expect(await program.tilth("audit", "verify")).toMatchObject({ code: 0, out: expect.stringContaining("0 entries") });
});

test("lists the newest entries, by actor and page by page", async () => {
  const workspace = await openWorkspace(program.folder, { toolVersion: "0.0.0" });
  const storage = await workspace.storage();
  const entry = { action: "example.list", object: "support", detail: { status: 200, count: 3, filter: "kind = chat" } };
  await storage.addAudit(["user:ana", "key:ci", "user:ana"].map((actor, day) => ({ ...entry, actor, atMs: Date.UTC(2026, 0, day + 1) })));
  await workspace.close();
  const { out } = await program.tilth("audit");
  expect(out).toMatch(/^At +Who +Did +To +How\n2026-01-03 00:00:00 +user:ana +example\.list +support +200 · 3 rows/);
  expect(await program.json(0, "audit", "list", "--actor", "key:ci")).toMatchObject({ entries: [{ seq: 2, detail: entry.detail }] });
  const page = await program.tilth("audit", "list", "--limit", "2");
  expect(page.out).toContain("tilth audit list --cursor 2");
});

test("verify ends with 1 where an entry was changed, and names it", async () => {
  expect(await program.tilth("audit", "verify")).toMatchObject({ code: 0, out: expect.stringContaining("3 entries in 1 chain:") });
  const database = new DatabaseSync(join(program.folder, ".tilth", "pool.db"));
  database.exec("UPDATE audit SET object = 'other' WHERE seq = 2");
  database.close();
  const { code, out } = await program.tilth("audit", "verify");
  expect([code, out]).toEqual([1, expect.stringContaining("entry 2: it is not what it was")]);
  expect(await program.json(1, "audit", "verify")).toMatchObject({ problems: [{ seq: 2 }] });
});

test("refuses an unknown verb and a time that is none", async () => {
  expect(await program.tilth("audit", "check")).toMatchObject({ code: 2, err: expect.stringContaining("check") });
  expect(await program.tilth("audit", "list", "--since", "yesterday")).toMatchObject({ code: 2, err: expect.stringContaining("since") });
});
