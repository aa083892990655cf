import fc from "fast-check";
import { expect, test } from "vitest";
import type { Chunk } from "../schema/manifest.ts";
import type { ChunkWindow } from "./changes.ts";
import { compareKeys, meetingChunks, windowsOf } from "./changes.ts";

const key = (number: number): string => `k${String(number).padStart(5, "0")}`;

/** Chunks over the given keys, cut after every key that is a multiple of `cut`. */
function chunksOf(numbers: readonly number[], cut: number): readonly Chunk[] {
  const parts: number[][] = [[]];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    parts.at(-1)?.push(number);
    if (number % cut === 0) parts.push([]);
  }
  return parts
    .filter((part) => part.length > 0)
    .map((part) => ({ object: part.join(), bytes: 1, rows: part.length, min: key(part[0] ?? 0), max: key(part.at(-1) ?? 0) }));
}

test("windows hold every key of both sides once, in order, and no more chunks than they need", () => {
  const numbers = fc.uniqueArray(fc.nat(400), { maxLength: 150 });
  fc.assert(
    fc.property(numbers, numbers, fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 40 }), fc.nat(60), (old, now, a, b, most) => {
      for (const group of meetingChunks(chunksOf(old, a), chunksOf(now, b))) {
        const windows = [...windowsOf(group, most)];
        for (const side of ["before", "after"] as const) {
          const keys = group[side].flatMap((chunk) => chunk.object.split(",").map((number) => key(Number(number))));
          expect(windows.flatMap((window) => keysIn(window, window[side]))).toEqual(keys);
        }
        expect(windows.map((window) => window.upTo)).toEqual(windows.map((window) => window.upTo).toSorted(compareKeys));
        expect(windows.slice(1).map((window) => window.above)).toEqual(windows.slice(0, -1).map((window) => window.upTo));
        // More rows than wanted only where a window ends at the first place it can.
        const ends = new Set([...group.before, ...group.after].map((chunk) => chunk.max));
        for (const window of windows) {
          const rows = [...window.before, ...window.after].reduce((sum, chunk) => sum + chunk.rows, 0);
          const inside = [...ends].filter((end) => compareKeys(end, window.above ?? "") > 0 && compareKeys(end, window.upTo) <= 0);
          expect(rows <= most || inside.length === 1).toBe(true);
        }
      }
    }),
  );
});

function keysIn({ above = "", upTo }: ChunkWindow, chunks: readonly Chunk[]): readonly string[] {
  return chunks
    .flatMap((chunk) => chunk.object.split(",").map((number) => key(Number(number))))
    .filter((text) => compareKeys(text, above) > 0 && compareKeys(text, upTo) <= 0);
}
