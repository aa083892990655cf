import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("shows a version with its recipe, its parent and what its rows are", async () => {
  await opened.call("version.create", { dataset: "mixed", message: "all" });
  await opened.call("version.create", { dataset: "mixed", where: "kind in (chat, classification)" });
  const [second, first] = (await opened.call("version.list", { dataset: "mixed" })).versions;
  expect(await opened.call("version.show", { version: "mixed@1.0" })).toMatchObject({
    ...first,
    recipe: { from: "members" },
    tool: "tilth/0.0.0",
  });
  const shown = await opened.call("version.show", { version: "mixed" });
  expect(shown).toMatchObject({ ...second, before: "mixed@1.0", recipe: { from: "members", where: "kind in (chat, classification)" } });
  expect(shown.statistics?.counts["kind"]).toEqual({
    values: [
      { value: "chat", rows: 1 },
      { value: "classification", rows: 1 },
    ],
    others: 0,
    missing: 0,
  });
  expect(shown.statistics?.counts["labels.intent"]).toEqual({ values: [{ value: "order", rows: 1 }], others: 0, missing: 1 });
  const { train = 0, validation = 0, test: tests = 0 } = shown.statistics?.splits ?? {};
  expect(train + validation + tests).toBe(2);
  expect((await opened.call("dataset.show", { dataset: "mixed" })).newest).toEqual(shown);
});

test.each([
  ["what is not committed", "mixed@pool", "input/invalid", "tilth diff mixed"],
  ["an unknown version", "mixed@4.2", "version/not-found", "1.0"],
  ["an unknown dataset", "mxied@1.0", "dataset/not-found", "mixed"],
])("refuses %s", async (_, version, code, told) => {
  await expect(opened.call("version.show", { version })).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
});
