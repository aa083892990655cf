import { expect, test } from "vitest";
import { type GradedPair, dot, readPairs, spearman, unitRows } from "../../bench/pairs84.ts";
import { hashEmbedder } from "../../packages/core/src/embed/hash.ts";
import { nearestEmbedder } from "../../packages/core/src/embed/nearest.ts";
import { openStaticEmbedder } from "../../packages/core/src/embed/static.ts";
import type { Embedder } from "../../packages/core/src/schema/embedder.ts";

const pairs = readPairs();
const semantic = await openStaticEmbedder();

test("the pairs are whole: 14 of each grade", () => {
  expect(pairs).toHaveLength(84);
  expect([0, 1, 2, 3, 4, 5].map((grade) => pairs.filter((pair) => pair.grade === grade).length)).toEqual(Array(6).fill(14));
});

test("static-v2 ranks sentences as people do: rho .80 and more", async () => {
  expect(await rho(semantic)).toBeGreaterThanOrEqual(0.8);
});

test("hashed words rank them worse, and beside the meaning cost little", async () => {
  const [hash, nearest] = [await rho(hashEmbedder()), await rho(nearestEmbedder(semantic, { hashWeight: 0.35 }))];
  expect(hash).toBeGreaterThanOrEqual(0.5);
  expect(hash).toBeLessThan(await rho(semantic));
  expect(nearest).toBeGreaterThanOrEqual(0.79);
});

test("sentences that have nothing to do with each other lie at right angles: background below .10", async () => {
  const [left, right] = await sides(semantic, pairs);
  const cosines = left.flatMap((row, i) => right.flatMap((other, j) => (i === j ? [] : [dot(row, other)])));
  expect(cosines).toHaveLength(84 * 83);
  expect(Math.abs(cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length)).toBeLessThan(0.1);
});

async function rho(embedder: Embedder): Promise<number> {
  const [left, right] = await sides(embedder, pairs);
  return spearman(
    left.map((row, index) => dot(row, right[index])),
    pairs.map(({ grade }) => grade),
  );
}

async function sides(embedder: Embedder, of: readonly GradedPair[]): Promise<readonly [Float64Array[], Float64Array[]]> {
  const rows = async (texts: readonly string[]): Promise<Float64Array[]> => unitRows(await embedder.embed(texts), embedder.dimensions);
  return [await rows(of.map(({ left }) => left)), await rows(of.map(({ right }) => right))];
}
