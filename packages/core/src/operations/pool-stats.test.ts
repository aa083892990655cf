import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("counts what the pool holds by every facet, with datasets and imports", async () => {
  await opened.call("version.create", { dataset: "mixed" });
  const stats = await opened.call("pool.stats", {});
  expect(stats).toMatchObject({
    examples: 7,
    imports: 1,
    datasets: [{ id: "mixed", name: "mixed", members: 7, versions: 1, latest: "1.0" }],
  });
  expect(stats.facets["kind"]).toEqual({ chat: 1, classification: 1, extraction: 1, preference: 1, rating: 1, steps: 1, text: 1 });
  expect(stats.facets).toMatchObject({
    source: { import: 7 },
    lifecycle: { active: 7 },
    review_status: { pending: 7 },
    tag: { garden: 1 },
  });
});

test("refuses what it does not ask for", async () => {
  await expect(opened.call("pool.stats", { facet: "kind" })).rejects.toMatchObject({ code: "input/invalid" });
});
