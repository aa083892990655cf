import { expect, test } from "vitest";
import type { Admission } from "./admission.ts";
import { createAdmission } from "./admission.ts";

/** Lets requests in until there is room for no more. */
function fill(admission: Admission): (() => void)[] {
  const left: (() => void)[] = [];
  while (!admission.isFull()) left.push(admission.enter());
  return left;
}

test("fewer get in while they wait for each other, and more again once they do not", () => {
  const admission = createAdmission(256);
  const sizes: number[] = [];
  for (const lagMs of [0, ...Array.from({ length: 20 }, () => 500), ...Array.from({ length: 40 }, () => 0)]) {
    const left = fill(admission);
    sizes.push(left.length);
    for (const leave of left) leave();
    admission.turn(lagMs);
  }
  expect(sizes[0]).toBe(256);
  expect(Math.min(...sizes)).toBe(24);
  expect(sizes.at(-1)).toBe(256);
});

test("what has been under way for a second waits for something else, and takes nobody's place", () => {
  const admission = createAdmission(64);
  const [leave] = fill(admission);
  for (let turn = 0; turn < 9; turn++) admission.turn(0);
  expect(admission.isFull()).toBe(true);
  admission.turn(0);
  expect(admission.young()).toBe(0);
  leave?.();
  expect(admission.young()).toBe(0);
});

test("never more get in than were asked for", () => {
  expect(fill(createAdmission(2))).toHaveLength(2);
});
