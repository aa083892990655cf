import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const rows = [
    { kind: "text", text: "The first frost came on the ninth of October, a week earlier than last year, and took the beans." },
    { kind: "text", text: "The first frost came on the ninth of October, a week earlier than last year, and took the beans!" },
    { kind: "text", text: "Straw keeps the soil moist and feeds the slugs in a wet summer." },
  ];
  await opened.call("example.import", { file: await opened.writeRows("notes.jsonl", rows), dataset: "Notes" });
});
afterAll(() => opened.end());

test("says what it would do and does nothing, unless told to", async () => {
  const before = await opened.call("pool.changes", {});
  const told = await opened.call("dataset.enhance", { dataset: "notes" });
  expect(told).toMatchObject({ dataset: "notes", dryRun: true, before: 3, after: 2, steps: [{ step: "duplicates", dropped: 1 }] });
  expect(told.missing).toContain("class-balancing");
  expect(await opened.call("pool.changes", {})).toEqual(before);
});

test("marks what repeats a better example, under a name for taking it back", async () => {
  const done = await opened.call("dataset.enhance", { dataset: "notes", dryRun: false });
  expect(done).toMatchObject({ dryRun: false, after: 2, steps: [{ dropped: 1, run: expect.any(String) }] });
});

test("refuses a dataset that is not there", async () => {
  await expect(opened.call("dataset.enhance", { dataset: "nobody" })).rejects.toMatchObject({ code: "dataset/not-found" });
});
