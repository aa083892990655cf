import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { Load } from "./load.ts";
import { watchLoad } from "./load.ts";

const watched: Load[] = [];
afterEach(() => {
  for (const load of watched.splice(0)) load.close();
});

function watch(limits: Parameters<typeof watchLoad>[0]): Load {
  const load = watchLoad(limits);
  watched.push(load);
  return load;
}

describe("requests", () => {
  test("are counted until they are answered, and above the limit turned away", () => {
    const load = watch({ inFlight: 2, loopDelayMs: Infinity });
    const [first] = [load.enter(), load.enter()];
    expect(() => load.enter()).toThrow("2 requests are being answered");
    first();
    first();
    expect(load.inFlight()).toBe(1);
    load.enter();
    expect(load.inFlight()).toBe(2);
  });

  test("are turned away while everything waits long for its turn, not because of one pause", async () => {
    const load = watch({ inFlight: 10, loopDelayMs: 5 });
    load.enter()();
    block(200);
    await setImmediate();
    expect(load.delayMs()).toBe(0);
    for (let turn = 0; turn < 160; turn++) {
      block(30);
      await setImmediate();
    }
    expect(load.delayMs()).toBeGreaterThan(5);
    expect(() => load.enter()).toThrow("for its turn");
  });
});

function block(forMs: number): void {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
}
