import { expect, test } from "vitest";
import { createUlids, isUlid, systemRandom } from "./ulid.ts";

test("sorts by time, and by order of making within a millisecond", () => {
  let nowMs = 1_700_000_000_000;
  const next = createUlids({ nowMs: () => nowMs }, systemRandom);
  const made = Array.from({ length: 1_000 }, (_, i) => {
    if (i % 100 === 0) nowMs++;
    return next();
  });
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(1_000);
  expect(made.every(isUlid)).toBe(true);
});

test("keeps its order while the clock runs backwards", () => {
  let nowMs = 1_700_000_000_000;
  const next = createUlids({ nowMs: () => nowMs }, systemRandom);
  const first = next();
  nowMs -= 60_000;
  expect(next() > first).toBe(true);
});

test("goes on when the random part overflows", () => {
  const next = createUlids({ nowMs: () => 5 }, { bytes: (count) => new Uint8Array(count).fill(31) });
  const first = next();
  expect(first).toBe("0000000005ZZZZZZZZZZZZZZZZ");
  expect(next() > first).toBe(true);
});

test("counts up in base 32 within a millisecond", () => {
  const next = createUlids({ nowMs: () => 0 }, { bytes: (count) => new Uint8Array(count) });
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const made = Array.from({ length: 3_000 }, () => next().slice(-3));
  const counted = Array.from({ length: 3_000 }, (_, n) => [n >> 10, (n >> 5) & 31, n & 31].map((digit) => alphabet[digit]).join(""));
  expect(made).toEqual(counted);
});
