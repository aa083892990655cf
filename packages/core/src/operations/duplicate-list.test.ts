import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const texts = ["The frost came early.", "the frost came EARLY", "The slugs came late.", "the slugs, came late", "the slugs came LATE"];
  const rows = texts.map((text) => ({ kind: "text", text }));
  await opened.call("example.import", { file: await opened.writeRows("texts.jsonl", rows), format: "tilth" });
});
afterAll(() => opened.end());

test("lists the largest cluster first, page by page, and the search that found them", async () => {
  expect(await opened.call("duplicate.list", {})).toEqual({ clusters: [], searches: [] });
  const { run } = await opened.call("example.dedupe", { strategy: "content" });
  const page = await opened.call("duplicate.list", { limit: 1, run: run?.id ?? "" });
  expect(page).toMatchObject({ clusters: [{ weight: 3 }], searches: [{ runId: run?.id, strategy: "content", scope: "", marks: 3 }] });
  const next = await opened.call("duplicate.list", { limit: 1, cursor: page.next ?? "" });
  expect(next).toMatchObject({ clusters: [{ kept: { input: "The frost came early." }, weight: 2 }] });
});

test("refuses a cursor that is not of a page", async () => {
  await expect(opened.call("duplicate.list", { cursor: "no" })).rejects.toMatchObject({ code: "input/invalid" });
});
