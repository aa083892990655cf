import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("lists versions, newest first, with what changed", async () => {
  expect(await opened.call("version.list", { dataset: "mixed" })).toEqual({ dataset: "mixed", rev: expect.any(Number), versions: [] });
  await opened.call("version.create", { dataset: "mixed", message: "all" });
  const { created: _, ...second } = await opened.call("version.create", { dataset: "mixed", where: "kind = chat", message: "chats" });
  const { versions } = await opened.call("version.list", { dataset: "mixed" });
  expect(versions[0]).toEqual(second);
  expect(versions.map(({ label, rows, removed, message }) => [label, rows, removed, message])).toEqual([
    ["1.1", 1, 6, "chats"],
    ["1.0", 7, 0, "all"],
  ]);
});

test("refuses an unknown dataset, naming the nearest", async () => {
  await expect(opened.call("version.list", { dataset: "mixxed" })).rejects.toMatchObject({
    code: "dataset/not-found",
    message: expect.stringContaining("mixed"),
  });
});
