import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type VectorKernels, loadVectorKernels } from "./load-vectors.ts";
import { toInt8 } from "./vectors.ts";

const KERNELS = { bytes: 200_000 };
const numbers = fc.integer({ min: -128, max: 127 });

/** Both engines with the same bytes in the same places. */
function engines(): readonly [VectorKernels, VectorKernels] {
  return [loadVectorKernels(KERNELS), loadVectorKernels({ ...KERNELS, wasm: false })];
}

function fill(bytes: Iterable<number>, all: readonly VectorKernels[], at: number): void {
  const values = Int8Array.from(bytes);
  for (const { buffer } of all) new Int8Array(buffer, at, values.length).set(values);
}

test("WebAssembly is there", () => {
  expect(loadVectorKernels(KERNELS).engine).toBe("wasm");
  expect(loadVectorKernels({ ...KERNELS, wasm: false }).engine).toBe("typescript");
});

describe("WebAssembly and its twin agree bit for bit", () => {
  test("dot products of any dimension, extreme values included", () => {
    const pair = engines();
    const vectors = fc.constantFrom(16, 48, 128, 256).chain((dimensions) =>
      fc.record({
        dimensions: fc.constant(dimensions),
        values: fc.array(numbers, { minLength: 9 * dimensions, maxLength: 9 * dimensions }),
      }),
    );
    fc.assert(
      fc.property(
        fc.oneof(vectors, fc.constant({ dimensions: 256, values: Array.from({ length: 9 * 256 }, () => -128) })),
        ({ dimensions, values }) => {
          fill(values, pair, 1_024);
          const results = pair.map(({ dots, dots128, buffer }) => {
            dots(1_024, 1_024 + dimensions, 8, dimensions, 150_000);
            const all = [...new Int32Array(buffer, 150_000, 8)];
            if (dimensions === 128) {
              dots128(1_024, 1_024 + dimensions, 8, 150_000);
              expect([...new Int32Array(buffer, 150_000, 8)]).toEqual(all);
            }
            return all;
          });
          expect(results[0]).toEqual(results[1]);
          const [query = [], ...rows] = Array.from({ length: 9 }, (_, i) => values.slice(i * dimensions, (i + 1) * dimensions));
          expect(results[0]).toEqual(rows.map((row) => row.reduce((sum, value, k) => sum + value * (query[k] ?? 0), 0)));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("which vector is nearest, and which may pass the thresholds", () => {
    const COUNT = 64;
    const at = {
      dots: 2_048,
      inverses: 4_096,
      restNorms: 6_144,
      classes: 8_192,
      counts: 9_216,
      states: 10_240,
      thresholds: 12_288,
      out: 16_384,
    };
    const [queryRest, rests] = [20_480, 24_576];
    const pair = engines();
    const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-2_000), max: Math.fround(2_000) });
    const list = <Item>(item: fc.Arbitrary<Item>, length = COUNT) => fc.array(item, { minLength: length, maxLength: length });
    const input = fc.record({
      dots: list(fc.integer({ min: -4_000_000, max: 4_000_000 })),
      inverses: list(fc.float({ noNaN: true, min: 0, max: 1 })),
      restNorms: list(fc.float({ noNaN: true, min: 0, max: 1_500 })),
      classes: list(fc.nat(9)),
      counts: list(fc.nat(3)),
      states: list(fc.nat(15)),
      thresholds: list(float, 40),
      queryNorm: fc.double({ noNaN: true, min: 0, max: 1_500 }),
      rest: list(numbers, 16 * (COUNT + 1)),
      restDimensions: fc.constantFrom(0, 16),
      mask: fc.nat(15),
    });
    fc.assert(
      fc.property(input, ({ dots, inverses, restNorms, classes, counts, states, thresholds, queryNorm, rest, restDimensions, mask }) => {
        fill(rest.slice(0, 16), pair, queryRest);
        fill(rest.slice(16), pair, rests);
        const results = pair.map(({ buffer, nearest, above }) => {
          new Int32Array(buffer, at.dots, COUNT).set(dots);
          new Float32Array(buffer, at.inverses, COUNT).set(inverses);
          new Float32Array(buffer, at.restNorms, COUNT).set(restNorms);
          new Uint16Array(buffer, at.classes, COUNT).set(classes);
          new Uint8Array(buffer, at.counts, COUNT).set(counts);
          new Uint8Array(buffer, at.states, COUNT).set(states);
          new Float32Array(buffer, at.thresholds, 40).set(thresholds);
          const best = nearest(at.dots, at.inverses, at.states, mask, 3, COUNT);
          const count = above(
            at.dots,
            queryRest,
            rests,
            restDimensions,
            queryNorm,
            at.restNorms,
            at.inverses,
            at.classes,
            at.counts,
            10,
            at.thresholds,
            at.states,
            mask,
            3,
            COUNT,
            at.out,
          );
          return { best, passed: [...new Int32Array(buffer, at.out, count)], dots: [...new Int32Array(buffer, at.dots, COUNT)] };
        });
        expect(results[0]).toEqual(results[1]);
      }),
      { numRuns: 500 },
    );
  });
});

test("more than one memory holds is refused before it is tried", () => {
  expect(() => loadVectorKernels({ bytes: 2 ** 32 })).toThrow(expect.objectContaining({ code: "embed/too-many-vectors", kind: "limit" }));
});

describe("the canonical form of a vector", () => {
  const canonical = (values: Float32Array | Int8Array): readonly [number[], number] => {
    const out = new Int8Array(values.length);
    const square = toInt8(values, 0, values.length, out, 0);
    return [[...out], square];
  };

  test("its largest number is 127, and its length is told", () => {
    expect(canonical(Float32Array.from([0.5, -1, 0.25]))).toEqual([[64, -127, 32], 64 ** 2 + 127 ** 2 + 32 ** 2]);
  });

  test("whole numbers stay as they are", () => {
    expect(canonical(Int8Array.from([1, -128, 3]))).toEqual([[1, -128, 3], 1 + 128 ** 2 + 9]);
  });

  test("what has no direction becomes zeros", () => {
    for (const values of [
      [0, 0],
      [1e-9, -1e-9],
      [Number.NaN, 0],
      [Infinity, 1],
    ])
      expect(canonical(Float32Array.from(values))).toEqual([[0, 0], 0]);
  });
});

test("eight bits are what Math.round gives, and 0 for what is no number", () => {
  const value = fc.oneof(fc.double({ min: -127, max: 127, noNaN: true }), fc.constantFrom(0.5, -0.5, 1.5, -1.5, 126.5, -126.5));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 16 }), (numbers) => {
      // With 127 among them nothing is scaled.
      const values = Float32Array.of(127, ...numbers);
      const out = new Int8Array(values.length);
      const square = toInt8(values, 0, values.length, out, 0);
      expect([...out]).toEqual([...values].map((number) => Math.round(number) + 0));
      expect(square).toBe(out.reduce((sum, whole) => sum + whole * whole, 0));
    }),
  );
  const out = new Int8Array(2);
  expect(toInt8(Float32Array.of(Number.NaN, 1), 0, 2, out, 0)).toBe(127 * 127);
  expect([...out]).toEqual([0, 127]);
});
