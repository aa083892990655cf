import { afterAll, beforeAll, expect, test } from "vitest";
import type { CaptureDrill } from "./capture-drill.ts";
import { openCaptureDrill } from "./capture-drill.ts";

// The long form, with many random moments, is `npm run bench capture-crash`.
const momentsMs = [120, 350, 700, 1_000, 1_400];

let drill: CaptureDrill;
beforeAll(async () => {
  drill = await openCaptureDrill();
});
afterAll(() => drill.close());

test(
  "after SIGKILL every captured event that was acknowledged is there once, from the pool or from the spool",
  { timeout: 120_000 },
  async () => {
    const rounds = [];
    for (const afterMs of momentsMs) rounds.push(await drill.round(afterMs));
    expect(rounds.flatMap(({ problems }) => problems)).toEqual([]);
    expect(rounds.at(-1)?.acknowledged).toBeGreaterThan(0);
    // Otherwise it was not the spool that was tried.
    expect(rounds.reduce((sum, { segments }) => sum + segments, 0)).toBeGreaterThan(0);
  },
);
