import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("tells how far the pool is, then what changed since, in order", async () => {
  const { seq, changes } = await opened.call("pool.changes", {});
  expect(changes).toEqual([]);
  const { example } = await opened.call("example.add", {
    example: { kind: "text", text: "The pears are ripe in the second week of September." },
  });
  await opened.call("example.edit", { id: example.id, set: { topic: "pears" } });
  const news = await opened.call("pool.changes", { after: seq });
  expect(news.changes.map(({ id, change }) => [id === example.id, change])).toEqual([
    [true, "added"],
    [true, "changed"],
  ]);
  expect(await opened.call("pool.changes", { after: news.seq })).toEqual({ changes: [], seq: news.seq, more: false });
});

test("gives long histories in pieces", async () => {
  const first = await opened.call("pool.changes", { after: 0, limit: 3 });
  expect([first.changes.length, first.more]).toEqual([3, true]);
  const rest = await opened.call("pool.changes", { after: first.seq, limit: 1_000 });
  expect(rest.changes[0]?.seq).toBe(first.seq + 1);
  expect(rest.more).toBe(false);
});

test("tells of the members of one dataset alone", async () => {
  const { seq } = await opened.call("pool.changes", {});
  await opened.call("example.add", { example: { kind: "text", text: "The quinces are ripe in the last week of October." } });
  const { example } = await opened.call("example.add", {
    example: { kind: "text", text: "The medlars want a frost before they are eaten." },
    dataset: "mixed",
  });
  const { changes } = await opened.call("pool.changes", { after: seq, dataset: "mixed" });
  expect(new Set(changes.map(({ id }) => id))).toEqual(new Set([example.id]));
});

test("refuses a place before the first change", async () => {
  await expect(opened.call("pool.changes", { after: -1 })).rejects.toMatchObject({ code: "input/invalid" });
});
