import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["social"] });
});
afterAll(() => opened.end());

test("lists the packs' types in their order, and last what holds for all others", async () => {
  expect(await opened.call("threshold.list", {})).toEqual({
    thresholds: [
      { type: "gm", threshold: 0.65, from: "pack" },
      { type: "insight", threshold: 0.8, from: "pack" },
      { type: "casual", threshold: 0.7, from: "pack" },
      { type: "reply", threshold: 0.75, from: "pack" },
      { threshold: 0.7, from: "pack" },
    ],
    history: [],
  });
});

test("a type of the pool that no pack names is there with what holds for all others", async () => {
  await opened.call("example.add", { example: { kind: "text", text: "soil report for the week", type: "report" } });
  const { thresholds } = await opened.call("threshold.list", {});
  expect(thresholds.slice(-2)).toEqual([
    { type: "report", threshold: 0.7, from: "pack" },
    { threshold: 0.7, from: "pack" },
  ]);
});

test("without a pack there is the founding threshold", async () => {
  const bare = await openTestWorkspace();
  expect((await bare.call("threshold.list", {})).thresholds).toEqual([{ threshold: 0.7, from: "default" }]);
  await bare.end();
});
