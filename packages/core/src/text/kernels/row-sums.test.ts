import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TilthError } from "../../errors.ts";
import { loadByteKernels } from "./load.ts";

const wasm = loadByteKernels();
const twin = loadByteKernels({ wasm: false });

describe("sums of rows", () => {
  const lists = fc.array(fc.array(fc.nat(99), { maxLength: 30 }), { maxLength: 30 });

  test.each([1, 32, 100, 256])("of %i columns are the same bits in both engines, and what single precision gives", (dimensions) => {
    const table = randomTable(100, dimensions);
    const [fastTable, slowTable] = [wasm.rowTable(table), twin.rowTable(table)];
    fc.assert(
      fc.property(lists, (rows) => {
        const { ids, ends } = flat(rows);
        const sums = fastTable.sums(ids, ends);
        expect(difference(sums, slowTable.sums(ids, ends))).toBeUndefined();
        expect(sums).toHaveLength(rows.length * dimensions);
        for (const [list, of] of rows.entries()) {
          const exact = of.reduce((sum, row) => sum + (table.rows[row * dimensions] ?? 0) * (table.scales[row] ?? 0), 0);
          expect(Math.abs((sums[list * dimensions] ?? Number.NaN) - exact)).toBeLessThan(1e-3);
        }
      }),
    );
  });

  test("of a list that is too long for the memory, and of many lists, are the same bits in both engines", () => {
    const table = randomTable(50, 40);
    const random = numbers(5);
    const rows = [
      [1, 2],
      Array.from({ length: 1_100_000 }, () => random(50)),
      ...Array.from({ length: 9000 }, () => [random(50), random(50)]),
    ];
    const { ids, ends } = flat(rows);
    expect(difference(wasm.rowTable(table).sums(ids, ends), twin.rowTable(table).sums(ids, ends))).toBeUndefined();
  });

  test("of one table stay what they are when another is taken over, and so do shingles", () => {
    const [first, second] = [randomTable(1000, 256), randomTable(20_000, 96)];
    const kernels = loadByteKernels();
    const { ids, ends } = flat([[5, 7, 999], [], [0]]);
    const before = kernels.rowTable(first);
    const sums = before.sums(ids, ends);
    const sets = kernels.shingleSets(["the same before and after"], 2);
    kernels.rowTable(second);
    expect(difference(before.sums(ids, ends), sums)).toBeUndefined();
    expect(kernels.shingleSets(["the same before and after"], 2)).toEqual(sets);
    expect(sums.slice(256, 512).every((value) => value === 0)).toBe(true);
  });

  test("of rows that are not there are refused", () => {
    for (const kernels of [wasm, twin]) {
      const table = kernels.rowTable(randomTable(3, 8));
      expect(() => table.sums(Int32Array.of(3), Int32Array.of(1))).toThrow(TilthError);
      expect(() => table.sums(Int32Array.of(-1), Int32Array.of(1))).toThrow(TilthError);
      expect(() => table.sums(Int32Array.of(0), Int32Array.of(2))).toThrow(TilthError);
      expect(() => kernels.rowTable({ dimensions: 7, rows: new Int8Array(8), scales: new Float32Array(1) })).toThrow(TilthError);
    }
  });
});

function randomTable(count: number, dimensions: number) {
  const random = numbers(count + dimensions);
  const rows = Int8Array.from({ length: count * dimensions }, () => random(256) - 128);
  return { dimensions, rows, scales: Float32Array.from({ length: count }, () => (random(1000) - 300) / 12_345) };
}

function flat(lists: readonly (readonly number[])[]): { readonly ids: Int32Array; readonly ends: Int32Array } {
  const ends = new Int32Array(lists.length);
  for (const [index, list] of lists.entries()) ends[index] = (ends[index - 1] ?? 0) + list.length;
  const ids = new Int32Array(ends.at(-1) ?? 0);
  for (const [index, list] of lists.entries()) ids.set(list, (ends[index] ?? 0) - list.length);
  return { ids, ends };
}

/** Mulberry32: whole numbers below a bound, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** The first place that differs in any bit: to print all differences of a million numbers takes minutes. */
function difference(left: ArrayLike<number>, right: ArrayLike<number>): string | undefined {
  if (left.length !== right.length) return `${left.length} and ${right.length} numbers`;
  for (let at = 0; at < left.length; at++) if (!Object.is(left[at], right[at])) return `at ${at}: ${left[at]} and ${right[at]}`;
  return undefined;
}
