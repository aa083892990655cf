import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("freezes a dataset, and makes nothing where nothing changed", async () => {
  const progress: number[] = [];
  const first = await opened.call(
    "version.create",
    { dataset: "mixed", message: "the first" },
    { progress: ({ done }) => progress.push(done) },
  );
  expect(first).toMatchObject({
    dataset: "mixed",
    branch: "main",
    label: "1.0",
    seq: 1,
    rows: 7,
    added: 7,
    changed: 0,
    removed: 0,
    op: "create",
    by: "user:test",
    message: "the first",
    created: true,
  });
  expect(first.manifest).toMatch(/^[0-9a-f]{64}$/);
  expect(progress.at(-1)).toBe(7);
  expect(await opened.call("version.create", { dataset: "mixed", message: "again" })).toEqual({ ...first, created: false });
});

test("a filter becomes the dataset's recipe; a major change raises the first number", async () => {
  const second = await opened.call("version.create", { dataset: "mixed", where: "kind in (chat, text)", major: true });
  expect(second).toMatchObject({ label: "2.0", rows: 2, removed: 5, created: true });
  expect((await opened.call("dataset.show", { dataset: "mixed" })).recipe).toEqual({
    format: 1,
    from: "members",
    where: "kind in (chat, text)",
  });
});

test("a filter that cannot be read leaves the recipe as it was", async () => {
  const before = await opened.call("dataset.show", { dataset: "mixed" });
  await expect(opened.call("version.create", { dataset: "mixed", where: "kind = = chat" })).rejects.toMatchObject({
    code: "filter/syntax",
  });
  expect(await opened.call("dataset.show", { dataset: "mixed" })).toEqual(before);
});

test.each([
  ["an unknown dataset", { dataset: "mixt" }, "dataset/not-found", "mixed"],
  ["a source it does not know", { dataset: "mixed", from: "trash" }, "input/invalid", "from"],
])("refuses %s", async (_, input, code, told) => {
  const given = input as Parameters<typeof opened.call<"version.create">>[1];
  await expect(opened.call("version.create", given)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});
