import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("corrects what differs from a recount and says what it was", async () => {
  const before = await opened.call("pool.stats", {});
  const database = new DatabaseSync(opened.workspace.paths.pool);
  database.exec("UPDATE counter SET count = count + 5 WHERE facet = 'kind' AND value = 'chat'");
  database.exec("DELETE FROM example_tag");
  database.close();
  const { checks } = await opened.call("workspace.doctor", {});
  expect(checks.find(({ name }) => name === "counters")).toMatchObject({
    status: "problem",
    wayOut: expect.stringContaining("tilth doctor --repair"),
  });
  const repaired = await opened.call("workspace.repair", {});
  expect(repaired).toMatchObject({ counters: [{ facet: "kind", value: "chat", kept: 6, counted: 1 }], repaired: true });
  expect(repaired.tags).toHaveLength(1);
  expect(await opened.call("pool.stats", {})).toEqual(before);
  expect((await opened.call("example.list", { where: "tag = garden" })).examples).toHaveLength(1);
});

test("a sound pool is left as it is", async () => {
  expect(await opened.call("workspace.repair", {})).toEqual({ counters: [], facets: [], tags: [], repaired: true });
});

test("refuses what it does not ask for", async () => {
  await expect(opened.call("workspace.repair", JSON.parse('{"deep":true}'))).rejects.toMatchObject({ code: "input/invalid" });
});
