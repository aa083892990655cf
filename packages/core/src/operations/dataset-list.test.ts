import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("lists datasets by name with their members and newest version", async () => {
  await opened.call("dataset.create", { name: "Beds" });
  await opened.call("version.create", { dataset: "mixed" });
  const { datasets } = await opened.call("dataset.list", {});
  expect(datasets.map(({ id, members, latest }) => [id, members, latest])).toEqual([
    ["beds", 0, undefined],
    ["mixed", 7, "1.0"],
  ]);
});

test("refuses what it does not ask for", async () => {
  await expect(opened.call("dataset.list", { limit: 3 } as object)).rejects.toMatchObject({
    code: "input/invalid",
    message: expect.stringContaining("limit"),
  });
});
