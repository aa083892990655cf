import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["social"] });
});
afterAll(() => opened.end());

test("what is set goes before the packs, and back to them when it is taken away; all of it stands in the history", async () => {
  expect(await opened.call("threshold.set", { type: "gm", threshold: 0.6 })).toEqual({ type: "gm", threshold: 0.6, from: "set" });
  const { one } = await opened.call("text.check", { text: "gm frens", type: "gm" });
  expect(one?.threshold).toBe(0.6);
  await opened.call("threshold.set", { type: "gm", threshold: { quantile: 0.25 } }, { actor: "user:ana" });
  expect(await opened.call("threshold.set", { type: "gm" })).toEqual({ type: "gm", threshold: 0.65, from: "pack" });
  const { thresholds, history } = await opened.call("threshold.list", {});
  expect(thresholds[0]).toEqual({ type: "gm", threshold: 0.65, from: "pack" });
  const entry = { at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), type: "gm", why: "set" };
  expect(history).toEqual([
    { ...entry, actor: "user:test", before: 0.65, after: 0.6 },
    { ...entry, actor: "user:ana", before: 0.6, after: { quantile: 0.25 } },
    { ...entry, actor: "user:test", before: { quantile: 0.25 }, after: 0.65 },
  ]);
});

test("without a type it holds for examples without one, and for types without their own", async () => {
  await opened.call("threshold.set", { threshold: 0.5 });
  await opened.call("example.add", { example: { kind: "text", text: "soil report for the week", type: "report" } });
  const { thresholds } = await opened.call("threshold.list", {});
  expect(thresholds.map(({ type, threshold }) => [type, threshold])).toEqual([
    ["gm", 0.65],
    ["insight", 0.8],
    ["casual", 0.7],
    ["reply", 0.75],
    ["report", 0.5],
    [undefined, 0.5],
  ]);
});

test("two that set thresholds at the same moment both count", async () => {
  const types = ["gm", "insight", "casual", "reply"];
  await Promise.all(types.map((type, i) => opened.call("threshold.set", { type, threshold: i / 10 })));
  const { thresholds } = await opened.call("threshold.list", {});
  expect(thresholds.slice(0, 4).map(({ threshold }) => threshold)).toEqual([0, 0.1, 0.2, 0.3]);
});

test("refuses a type that nobody knows, and a share above 1", async () => {
  await expect(opened.call("threshold.set", { type: "insigth", threshold: 0.6 })).rejects.toThrow(/did you mean insight\?/);
  await expect(opened.call("threshold.set", { type: "gm", threshold: 60 })).rejects.toMatchObject({ code: "input/invalid" });
  await expect(opened.call("threshold.set", { type: "gm", threshold: { quantile: 2 } })).rejects.toMatchObject({ code: "input/invalid" });
});
