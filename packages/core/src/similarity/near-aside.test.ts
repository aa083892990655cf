import { expect, test } from "vitest";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import { findNearAside } from "./near-aside.ts";
import { findNearDuplicates } from "./near.ts";

const small = setsOf(500);
const large = setsOf(20_000);

test("gives what the same search gives in this thread, for few sets and for many", async () => {
  for (const sets of [small, large]) {
    const options = { order: Int32Array.from({ length: sets.offsets.length - 1 }, (_, set) => set), shingleWords: 3 };
    expect(await findNearAside(sets, options)).toEqual(findNearDuplicates(sets, options));
  }
});

test("leaves this thread free: progress is told while it compares", async () => {
  const order = Int32Array.from({ length: 20_000 }, (_, set) => set);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await findNearAside(large, { order, shingleWords: 3, progress: () => undefined });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(2);
});

test("stops when it is told to, and says why", async () => {
  const order = Int32Array.from({ length: 20_000 }, (_, set) => set);
  const controller = new AbortController();
  const search = findNearAside(large, { order, shingleWords: 3, signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(search).rejects.toThrow("enough");
});

test("an order that names a set twice is refused in either thread", async () => {
  const order = new Int32Array(20_000);
  await expect(findNearAside(large, { order, shingleWords: 3 })).rejects.toThrow(/does not name each/);
});

/** Every fifth set is the one before it with one value changed. */
function setsOf(count: number): ShingleSets {
  const size = 30;
  const values = new Int32Array(count * size);
  const offsets = Float64Array.from({ length: count + 1 }, (_, set) => set * size);
  for (let set = 0; set < count; set++) {
    const like = set % 5 === 4 ? set - 1 : set;
    for (let i = 0; i < size; i++) values[set * size + i] = like * 1000 + i * 7;
    if (like !== set) values[set * size + size - 1] = like * 1000 + 999;
  }
  return { values, offsets };
}
