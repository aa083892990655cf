import { expect, test } from "vitest";
import { finalise } from "./finalise.ts";

test("is the finaliser of MurmurHash3", () => {
  // Of its published inverse: 0 stays 0, and each step can be undone, so that no two numbers meet.
  expect([0, 1, 2, -1].map(finalise)).toEqual([0, 0x514e28b7, 0x30f4c306, 0x81f16f39 | 0]);
  expect(new Set(Array.from({ length: 100_000 }, (_, number) => finalise(number))).size).toBe(100_000);
});
