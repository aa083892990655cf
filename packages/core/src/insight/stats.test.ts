import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openFilledWorkspace } from "../operations/test-workspace.ts";
import type { PoolStats } from "./stats.ts";
import { poolStats } from "./stats.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

const statsNow = async (): Promise<PoolStats> => poolStats(await opened.workspace.storage());

test("an empty pool is all zeros", async () => {
  const { openTestWorkspace } = await import("../operations/test-workspace.ts");
  const empty = await openTestWorkspace();
  const stats = await poolStats(await empty.workspace.storage());
  expect(stats).toMatchObject({ examples: 0, datasets: [], imports: 0 });
  expect(Object.values(stats.facets).every((counts) => Object.keys(counts).length === 0)).toBe(true);
  await empty.end();
});

test("counts come most frequent first, equal ones by name", async () => {
  const file = await opened.writeRows("more.jsonl", [
    { kind: "text", text: "The second sowing is up.", tags: ["garden", "spring"] },
    { kind: "text", text: "The third sowing is late.", tags: ["spring"] },
    { kind: "steps", prompt: "Is it late?", steps: [{ text: "It is May.", correct: true }], tags: ["spring"] },
  ]);
  await opened.call("example.import", { file });
  const { facets, examples } = await statsNow();
  expect(examples).toBe(10);
  expect(Object.entries(facets["kind"] ?? {})).toEqual([
    ["text", 3],
    ["steps", 2],
    ["chat", 1],
    ["classification", 1],
    ["extraction", 1],
    ["preference", 1],
    ["rating", 1],
  ]);
  expect(Object.entries(facets["tag"] ?? {})).toEqual([
    ["spring", 3],
    ["garden", 2],
  ]);
});

test("signals are counted by their kind", async () => {
  const at = "2026-02-03T04:05:06Z";
  const file = await opened.writeRows("log.jsonl", [
    { timestamp: at, insight_id: "i1", action: "like" },
    { timestamp: at, insight_id: "i2", action: "x" },
  ]);
  await opened.call("example.import", { file });
  expect((await statsNow()).facets["signal"]).toEqual({ engagement: 2 });
});

test("examples in the trash count in their lifecycle alone", async () => {
  const storage = await opened.workspace.storage();
  const [text] = (await opened.call("example.list", { where: "tag has spring and kind = steps" })).examples;
  await storage.change([{ id: text?.id ?? "", set: { lifecycle: "trashed" } }], { actor: "user:test", atMs: 1, op: "trash" });
  const { examples, facets } = await statsNow();
  expect([examples, facets["lifecycle"], facets["tag"]]).toEqual([9, { active: 9, trashed: 1 }, { garden: 2, spring: 2 }]);
});

test("datasets tell members, versions and the newest label; those that were deleted are left out", async () => {
  await opened.call("dataset.create", { name: "Aside" });
  await opened.call("version.create", { dataset: "mixed" });
  await opened.call("version.create", { dataset: "mixed", where: "kind = chat" });
  expect((await statsNow()).datasets).toEqual([
    { id: "aside", name: "Aside", members: 0, versions: 0 },
    { id: "mixed", name: "mixed", members: 7, versions: 2, latest: "1.1" },
  ]);
  const storage = await opened.workspace.storage();
  await storage.transaction((queries) => queries.updateTable("dataset").set({ lifecycle: "trashed" }).where("id", "=", "aside").execute());
  expect((await statsNow()).datasets.map(({ id }) => id)).toEqual(["mixed"]);
});
