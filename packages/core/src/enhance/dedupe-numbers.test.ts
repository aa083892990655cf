import { expect, test } from "vitest";
import { newKeyNumbers } from "./dedupe-numbers.ts";

test("equal keys have one number, and numbers go up by one, past every growth", () => {
  const numbers = newKeyNumbers();
  const seen = new Map<string, number>();
  for (let i = 0; i < 40_000; i++) {
    // Halves that are often equal and never hashes: only both together tell keys apart.
    const [a, b] = [i % 173, (i * 7) % 211];
    const expected = seen.get(`${a} ${b}`) ?? seen.size;
    seen.set(`${a} ${b}`, expected);
    expect(numbers.numberOf(a, b)).toBe(expected);
  }
  expect(numbers.count).toBe(seen.size);
});
