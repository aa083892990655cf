import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

const rows = [{ kind: "text", text: "The swallows came back on the second of April, all of them at once." }];

test("brings rows into a dataset and freezes them", async () => {
  const file = await opened.writeRows("more.jsonl", rows);
  expect(await opened.call("dataset.upload", { dataset: "mixed", file, message: "spring" })).toMatchObject({
    dataset: "mixed",
    report: { accepted: 1, rejected: 0 },
    version: { label: "1.0", rows: 8, message: "spring", created: true },
  });
});

test("the same rows again make no version, and a trial makes nothing", async () => {
  const file = await opened.writeRows("more.jsonl", rows);
  expect(await opened.call("dataset.upload", { dataset: "mixed", file })).toMatchObject({
    report: { duplicate: 1 },
    version: { created: false },
  });
  const tried = await opened.call("dataset.upload", { dataset: "mixed", file, dryRun: true });
  expect(tried).toMatchObject({ report: { dryRun: true } });
  expect(tried.version).toBeUndefined();
});

test("refuses a dataset that is not there", async () => {
  const file = await opened.writeRows("more.jsonl", rows);
  await expect(opened.call("dataset.upload", { dataset: "nobody", file })).rejects.toMatchObject({ code: "dataset/not-found" });
});
