import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const rows = [
    { kind: "text", text: "How do I reset my password?" },
    { kind: "text", text: "I forgot my password, how can I reset it?" },
    { kind: "text", text: "The gauge at the bridge stood still for two days." },
    { kind: "classification", text: "How do I reset my password", labels: { intent: "account" }, entities: [] },
    { kind: "text", text: "xq" },
  ];
  await opened.call("example.import", { file: await opened.writeRows("texts.jsonl", rows), format: "tilth", dataset: "texts" });
});
afterAll(() => opened.end());

test("lists what means the same in other words, of one kind, and marks nothing", async () => {
  const report = await opened.call("duplicate.suggest", { dataset: "texts", threshold: 0.7 });
  expect(report).toMatchObject({ read: 5, method: "scan", embedder: { id: "static-v2" }, pairs: { count: 1 } });
  const [pair] = report.pairs.first;
  expect([pair?.first.text, pair?.second.text].toSorted()).toEqual([
    "How do I reset my password?",
    "I forgot my password, how can I reset it?",
  ]);
  expect((await opened.call("example.list", { where: "isDuplicate = true" })).examples).toEqual([]);
});

test("refuses more examples than can be compared each with each, and says the way out", { timeout: 60_000 }, async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => ({ kind: "text", text: `Gauge ${i} stands at ${i % 97} centimetres.` }));
  await opened.call("example.import", { file: await opened.writeRows("many.jsonl", many), format: "tilth", dataset: "gauges" });
  await expect(opened.call("duplicate.suggest", {})).rejects.toMatchObject({
    code: "dedupe/too-many",
    message: expect.stringContaining("--where"),
  });
  expect(await opened.call("duplicate.suggest", { where: "text contains password" })).toMatchObject({ read: 3 });
});

test("refuses a threshold that is none", async () => {
  await expect(opened.call("duplicate.suggest", { threshold: 2 })).rejects.toMatchObject({ code: "input/invalid" });
});
