import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const rows = [
    ...Array.from({ length: 20 }, (_, index) => ({
      kind: "classification",
      text: `Order ${index} bags of compost`,
      labels: { intent: "order" },
      entities: [],
    })),
    { kind: "classification", text: "Bring my order back please", labels: { intent: "return" }, entities: [] },
    {
      kind: "classification",
      text: "Where is it now?",
      labels: { intent: "order" },
      entities: [{ label: "item", start: 90, end: 95, surface: "gloves" }],
    },
  ];
  await opened.call("example.import", { file: await opened.writeRows("intents.jsonl", rows), dataset: "Intents" });
  await opened.call("version.create", { dataset: "intents" });
});
afterAll(() => opened.end());

test("counts what is sound and what is not, and says where", async () => {
  const report = await opened.call("dataset.validate", { dataset: "Intents" });
  expect(report).toMatchObject({ dataset_id: "intents", version: "pool", total_examples: 22, valid_examples: 21, invalid_examples: 1 });
  expect(report.issues[0]).toMatchObject({ rule: "span-invalid", severity: "error", example_id: expect.any(String) });
  expect(report.issues.some(({ rule }) => rule === "class-imbalance")).toBe(true);
  expect(report.statistics).toMatchObject({ kinds: { classification: 22 }, intents: { order: 21, return: 1 }, severities: { error: 1 } });
  expect(report.quality_score).toBeGreaterThan(0);
  expect(report.recommendations.length).toBeGreaterThan(0);
});

test("says the same of the version, lists no more than is asked for, and changes nothing", async () => {
  const before = await opened.call("pool.changes", {});
  const [pool, version] = await Promise.all([
    opened.call("dataset.validate", { dataset: "intents", limit: 0 }),
    opened.call("dataset.validate", { dataset: "intents", version: "latest", limit: 0 }),
  ]);
  expect(version).toMatchObject({ version: "1.0", total_examples: 22, invalid_examples: 1 });
  expect(version.statistics).toEqual(pool.statistics);
  expect(version.issues.map(({ rule }) => rule)).toEqual(["class-imbalance"]);
  expect(await opened.call("pool.changes", {})).toEqual(before);
});

test("an empty dataset is told to be one", async () => {
  await opened.call("dataset.create", { name: "Empty" });
  expect(await opened.call("dataset.validate", { dataset: "empty" })).toMatchObject({
    total_examples: 0,
    quality_score: 0,
    recommendations: [expect.stringContaining("no examples")],
  });
});

test("refuses a dataset that is not there", async () => {
  await expect(opened.call("dataset.validate", { dataset: "nobody" })).rejects.toMatchObject({ code: "dataset/not-found" });
});
