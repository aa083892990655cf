import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Drill, ScenarioName, Stretch } from "./crash-drill.ts";
import { openDrill } from "./crash-drill.ts";

// The long form, with a hundred random moments, is `npm run bench crash`.
const rounds: readonly (readonly [ScenarioName, Stretch])[] = [
  ["import into an empty pool", "loading"],
  ["import into an empty pool", "rebuilding"],
  ["import into a filled pool", "loading"],
  ["edit", "loading"],
  ["first commit", "writing"],
  ["export", "writing"],
];

describe("after SIGKILL all that was acknowledged is there once, and the same command finishes the job", { timeout: 120_000 }, () => {
  let drill: Drill;
  beforeAll(async () => {
    drill = await openDrill({ rows: 1_100, seed: 7, warmUp: false });
  });
  afterAll(() => drill.close());

  test.each(rounds)("%s, killed while %s", async (scenario, stretch) => {
    expect((await drill.round(scenario, stretch)).problems).toEqual([]);
  });
});
