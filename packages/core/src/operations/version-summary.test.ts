import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("what a commit says of a version is what a list says of it", async () => {
  const { created, ...committed } = await opened.call("version.create", { dataset: "mixed", message: "told twice" });
  const { versions } = await opened.call("version.list", { dataset: "mixed" });
  expect([created, versions]).toEqual([true, [committed]]);
  expect(committed).toMatchObject({ chunks: 1, bytes: committed.addedBytes });
});
