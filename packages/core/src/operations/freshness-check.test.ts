import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

test("checks examples of every kind, with the embedder that is shipped, and tells how", async () => {
  const steps = new Set<string>();
  const report = await opened.call("freshness.check", {}, { progress: ({ step }) => steps.add(step) });
  expect(report).toMatchObject({
    method: "exact",
    samples: 7,
    fresh: 7,
    below: 0,
    withoutWords: 0,
    share: 1,
    goal: 0.85,
    isGoalMet: true,
    minThreshold: 0.7,
    types: [{ samples: 7, threshold: 0.7 }],
    stale: [],
    embedder: { id: "static-v2" },
    weights: { word: 0.3, phrase: 0.4, semantic: 0.3 },
    pool: expect.stringMatching(/@\d+$/),
  });
  expect([...steps]).toEqual(["indexing texts", "comparing texts"]);
  expect((await opened.call("freshness.check", { dataset: "mixed" })).dataset).toBe("mixed");
});

test("a new example is seen by the next check", async () => {
  const text = "The first frost came on the tenth of October, a week earlier than last year!";
  const { example } = await opened.call("example.add", { example: { kind: "text", text } });
  const { stale, below } = await opened.call("freshness.check", { limit: 5 });
  expect(below).toBe(2);
  expect(stale.flatMap(({ id, witness }) => [id, witness.id])).toContain(example.id);
  expect(stale[0]?.witness.parts.word).toBeGreaterThan(0.7);
});

test("refuses a dataset, a type and a limit that cannot be", async () => {
  await expect(opened.call("freshness.check", { dataset: "mixd" })).rejects.toMatchObject({ code: "dataset/not-found" });
  await expect(opened.call("freshness.check", { limit: 5_000 })).rejects.toMatchObject({ code: "input/invalid" });
  await opened.call("example.add", { example: { kind: "text", text: "gm to everyone", type: "gm" } });
  await expect(opened.call("freshness.check", { type: "gn" })).rejects.toThrow(/did you mean gm\?/);
});
