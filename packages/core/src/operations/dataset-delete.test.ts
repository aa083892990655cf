import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
  await opened.call("version.create", { dataset: "mixed" });
});
afterAll(() => opened.end());

const calls = [
  ["dataset.show", { dataset: "mixed" }],
  ["version.list", { dataset: "mixed" }],
  ["version.show", { version: "mixed@1.0" }],
  ["version.diff", { before: "mixed" }],
  ["version.create", { dataset: "mixed" }],
  ["version.checkout", { version: "mixed" }],
  ["version.verify", { version: "mixed" }],
  ["dataset.export", { version: "mixed@1.0", format: "tilth" }],
  ["example.list", { dataset: "mixed" }],
  ["dataset.delete", { dataset: "mixed" }],
] as const;

test("a dry run says what would go", async () => {
  expect(await opened.call("dataset.delete", { dataset: "mixed", dryRun: true })).toEqual({
    id: "mixed",
    name: "mixed",
    members: 7,
    versions: 1,
    dryRun: true,
  });
  expect(await opened.call("dataset.list", {})).toMatchObject({ datasets: [{ id: "mixed" }] });
});

test("a deleted dataset is hidden with its versions; its examples stay", async () => {
  expect(await opened.call("dataset.delete", { dataset: "mixed" })).toMatchObject({ members: 7, versions: 1, dryRun: false });
  expect(await opened.call("dataset.list", {})).toEqual({ datasets: [] });
  expect(await opened.call("dataset.list", { trashed: true })).toMatchObject({
    datasets: [{ id: "mixed", deletedBy: "user:test", latest: "1.0" }],
  });
  expect((await opened.call("pool.stats", {})).datasets).toEqual([]);
  expect((await opened.call("example.list", {})).examples).toHaveLength(7);
  expect(await opened.call("version.verify", { level: "full" })).toMatchObject({ versions: 1, problems: [] });
});

test.each(calls)("%s says where it lies and how it comes back", async (name, input) => {
  await expect(opened.call(name, input)).rejects.toMatchObject({
    kind: "not-found",
    message: expect.stringContaining("`tilth restore mixed`"),
  });
});

test("no import fills it, nor makes another under its name", async () => {
  const file = await opened.writeRows("more.jsonl", [{ kind: "text", text: "Slugs came with the rain." }]);
  await expect(opened.call("example.import", { file, dataset: "mixed" })).rejects.toMatchObject({
    kind: "conflict",
    message: expect.stringContaining("trash"),
  });
});

test("comes back as it was", async () => {
  expect(await opened.call("dataset.restore", { dataset: "mixed" })).toMatchObject({ id: "mixed", members: 7, latest: "1.0" });
  expect(await opened.call("version.list", { dataset: "mixed" })).toMatchObject({ versions: [{ label: "1.0" }] });
  expect(await readdir(opened.workspace.paths.trash)).toEqual([]);
});
