import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const rows = ["The frost came early.", "the frost came EARLY", "The slugs came late."].map((text) => ({ kind: "text", text }));
  await opened.call("example.import", { file: await opened.writeRows("texts.jsonl", rows), format: "tilth" });
});
afterAll(() => opened.end());

test("takes the newest search back", async () => {
  const { run } = await opened.call("example.dedupe", {});
  expect(await opened.call("duplicate.undo", {})).toEqual({ runId: run?.id, cleared: 1, restored: 0 });
  expect((await opened.call("example.list", { where: "isDuplicate = true" })).examples).toEqual([]);
});

test("refuses where nothing is left to take back", async () => {
  await expect(opened.call("duplicate.undo", {})).rejects.toMatchObject({ code: "dedupe/nothing-to-undo" });
  await expect(opened.call("duplicate.undo", { run: "01ZZZZ" })).rejects.toMatchObject({ code: "dedupe/nothing-to-undo" });
});
