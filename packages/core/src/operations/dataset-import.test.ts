import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { oneOfEachKind, openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
});
afterAll(() => opened.end());

test("makes a dataset of a file with its first version", async () => {
  const file = await opened.writeRows("mixed.jsonl", oneOfEachKind);
  expect(await opened.call("dataset.import", { name: "Kitchen garden", description: "What grew.", file })).toMatchObject({
    dataset: "kitchen-garden",
    report: { accepted: 7 },
    version: { label: "1.0", rows: 7 },
  });
  expect(await opened.call("dataset.show", { dataset: "kitchen-garden" })).toMatchObject({ description: "What grew.", members: 7 });
});

test("refuses the name of one that holds something", async () => {
  const file = await opened.writeRows("mixed.jsonl", oneOfEachKind);
  await expect(opened.call("dataset.import", { name: "Kitchen garden", file })).rejects.toMatchObject({ code: "dataset/exists" });
});

test("goes on with the empty one that a file nobody could read has left", async () => {
  const bad = await opened.write("bad.bin", new Uint8Array([0, 1, 2, 3, 255]));
  await expect(opened.call("dataset.import", { name: "Second try", file: bad })).rejects.toMatchObject({ code: "input/unknown-layout" });
  const file = await opened.writeRows("mixed.jsonl", oneOfEachKind);
  expect(await opened.call("dataset.import", { name: "Second try", file })).toMatchObject({
    dataset: "second-try",
    report: { duplicate: 7 },
    version: { rows: 7 },
  });
});

test("a trial makes no dataset", async () => {
  const file = await opened.writeRows("mixed.jsonl", oneOfEachKind);
  expect(await opened.call("dataset.import", { name: "Only tried", file, dryRun: true })).toMatchObject({ report: { dryRun: true } });
  expect((await opened.call("dataset.list", {})).datasets.map(({ name }) => name)).not.toContain("Only tried");
});

test("the next attempt of a job goes on with the dataset that the one before made, and nobody else's does", async () => {
  const file = await opened.writeRows("mixed.jsonl", oneOfEachKind);
  const job = { id: "01JOB00000000000000000JOB1", attempt: 1, createdAtMs: Date.now() - 1_000 } as const;
  const stop = new AbortController();
  const cutOff = { job, signal: stop.signal, progress: () => stop.abort(new Error("the server stops")) };
  const given = { name: "Cut off", file };
  await expect(opened.call("dataset.import", given, cutOff)).rejects.toThrow("the server stops");
  const { members, latest } = await opened.call("dataset.show", { dataset: "cut-off" });
  expect([members, latest]).toEqual([7, undefined]);

  for (const other of [
    { ...job, id: "01JOB00000000000000000JOB2" },
    { ...job, createdAtMs: Date.now() + 60_000 },
  ])
    await expect(opened.call("dataset.import", given, { job: other })).rejects.toMatchObject({ code: "dataset/exists" });
  await expect(opened.call("dataset.import", given, { job, actor: "key:ci" })).rejects.toMatchObject({ code: "dataset/exists" });
  await expect(opened.call("dataset.import", given)).rejects.toMatchObject({ code: "dataset/exists" });

  const done = { dataset: "cut-off", report: { id: job.id, read: 7, duplicate: 7 }, version: { label: "1.0", rows: 7 } };
  expect(await opened.call("dataset.import", given, { job: { ...job, attempt: 2 } })).toMatchObject(done);
  // Nobody may have heard of it before the process died.
  expect(await opened.call("dataset.import", given, { job: { ...job, attempt: 3 } })).toMatchObject({ ...done, version: { label: "1.0" } });
});
