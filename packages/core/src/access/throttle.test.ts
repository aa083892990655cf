import { expect, test } from "vitest";
import { createThrottle } from "./throttle.ts";

function started(free = 3, most = 50) {
  let nowMs = 0;
  const throttle = createThrottle({ clock: { nowMs: () => nowMs }, free, most });
  return { throttle, forward: (ms: number) => (nowMs += ms) };
}

/** Seconds one has to wait, or 0. */
function waitOf(work: () => void): number {
  try {
    work();
    return 0;
  } catch (error) {
    expect(error).toMatchObject({ code: "auth/throttled", kind: "limit" });
    return Number(error instanceof Error && "details" in error ? Object(error.details).seconds : Number.NaN);
  }
}

test("some attempts are free, then the wait doubles, up to a quarter of an hour", () => {
  const { throttle, forward } = started();
  const waits = Array.from({ length: 16 }, () => {
    const wait = waitOf(() => throttle.attempt("ana"));
    if (wait > 0) {
      forward(wait * 1_000);
      throttle.attempt("ana");
    }
    return wait;
  });
  expect(waits).toEqual([0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
});

test("many at once count as many", () => {
  const { throttle } = started();
  const waits = Array.from({ length: 100 }, () => waitOf(() => throttle.attempt("ana")));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(3);
});

test("others do not wait; success forgives", () => {
  const { throttle } = started();
  for (let i = 0; i < 3; i++) throttle.attempt("ana");
  throttle.attempt("ben");
  expect(waitOf(() => throttle.attempt("ana"))).toBe(1);
  throttle.forgive("ana", "all");
  expect(Array.from({ length: 4 }, () => waitOf(() => throttle.attempt("ana")))).toEqual([0, 0, 0, 1]);
});

test("one's own success takes back one's own attempt and no other", () => {
  const { throttle, forward } = started();
  for (let i = 0; i < 3; i++) throttle.attempt("office");
  forward(1_000);
  for (let i = 0; i < 50; i++) {
    throttle.attempt("office");
    throttle.forgive("office", "one");
    forward(1_000);
  }
  throttle.attempt("office");
  expect(waitOf(() => throttle.attempt("office"))).toBe(2);
});

test("an hour without an attempt is forgotten, and memory is bounded", () => {
  const { throttle, forward } = started(1, 10);
  throttle.attempt("ana");
  forward(3_600_001);
  throttle.attempt("ana");
  expect(waitOf(() => throttle.attempt("ana"))).toBe(1);
  for (let i = 0; i < 10; i++) throttle.attempt(`user ${i}`);
  expect(waitOf(() => throttle.attempt("ana"))).toBe(0);
});
