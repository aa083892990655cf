import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
let text = "";
beforeAll(async () => {
  opened = await openFilledWorkspace();
  await opened.call("version.create", { dataset: "mixed" });
  const found = await opened.call("example.list", { where: "kind = text" });
  text = found.examples[0]?.id ?? "";
  await opened.call("example.tag", { ids: [text], add: ["frost"] });
  await opened.call("example.trash", { where: "kind = steps" });
});
afterAll(() => opened.end());

test("a dataset alone: what has changed since its newest version and is not committed", async () => {
  const progress: number[] = [];
  const found = await opened.call("version.diff", { before: "mixed" }, { progress: ({ done }) => progress.push(done) });
  expect(found).toMatchObject({ before: "mixed@1.0", after: "mixed@pool", added: 0, removed: 1, changed: 1 });
  expect(found.fields).toEqual([
    { field: "tags", examples: 1 },
    { field: "updatedAt", examples: 1 },
  ]);
  expect(found.examples.removed).toMatchObject([{ kind: "steps" }]);
  expect(found.examples.changed).toMatchObject([{ id: text, kind: "text" }]);
  expect(found.examples.changed[0]?.changes).toContainEqual({ field: "tags", before: [], after: ["frost"] });
  expect(progress.length).toBeGreaterThan(0);
  expect(await opened.call("version.diff", { before: "mixed@pool" })).toEqual(found);
});

test("one version: against the one before it, or against nothing", async () => {
  const pending = await opened.call("version.diff", { before: "mixed" });
  await opened.call("version.create", { dataset: "mixed" });
  expect(await opened.call("version.diff", { before: "mixed@1.1" })).toEqual({ ...pending, after: "mixed@1.1" });
  const first = await opened.call("version.diff", { before: "mixed@1.0", limit: 2 });
  expect(first).toMatchObject({ after: "mixed@1.0", added: 7, removed: 0, changed: 0 });
  expect(first.examples.added).toHaveLength(2);
  expect(first).not.toHaveProperty("before");
});

test("two versions, either way round, by some fields alone", async () => {
  expect(await opened.call("version.diff", { before: "mixed@1.1", after: "mixed@1.0" })).toMatchObject({
    added: 1,
    removed: 0,
    changed: 1,
  });
  const topics = await opened.call("version.diff", { before: "mixed@1.0", after: "mixed@1.1", fields: ["topic"] });
  expect(topics).toMatchObject({ removed: 1, changed: 0, fields: [] });
  expect(await opened.call("version.diff", { before: "mixed@1.1", after: "mixed@1.1" })).toMatchObject({
    added: 0,
    removed: 0,
    changed: 0,
  });
});

test.each([
  ["an unknown dataset", { before: "mixd" }, "dataset/not-found", "mixed"],
  ["an unknown version, naming those there are", { before: "mixed@7.7" }, "version/not-found", "1.1, 1.0"],
  ["a field no example has, naming the nearest", { before: "mixed", fields: ["tgas"] }, "input/invalid", "tags"],
  ["a list without end", { before: "mixed", limit: 1_000_000 }, "input/invalid", "limit"],
])("refuses %s", async (_, input, code, told) => {
  await expect(opened.call("version.diff", input)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});

test("where nothing is committed there is nothing to compare with, and the way out is named", async () => {
  await opened.call("dataset.create", { name: "beds" });
  await expect(opened.call("version.diff", { before: "beds" })).rejects.toMatchObject({
    code: "version/not-found",
    message: expect.stringContaining("tilth commit beds"),
  });
});
