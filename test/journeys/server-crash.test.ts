import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServerDrill } from "./server-drill.ts";
import { openServerDrill } from "./server-drill.ts";

// The long form, with many random moments, is `npm run bench crash-server`.
let drill: ServerDrill;
beforeAll(async () => {
  drill = await openServerDrill();
});
afterAll(() => drill.close());

test.each([
  ["SIGTERM", 1_500],
  ["SIGKILL", 900],
  ["SIGKILL", 2_500],
] as const)(
  "after %s in the middle of everybody's work nothing is lost that was acknowledged",
  { timeout: 240_000 },
  async (blow, afterMs) => {
    const { acknowledged, problems } = await drill.round(blow, afterMs);
    expect(problems).toEqual([]);
    expect(acknowledged.added).toBeGreaterThan(0);
  },
);
