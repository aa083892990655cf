import { expect, test } from "vitest";
import type { Embedder } from "../schema/embedder.ts";
import { hashEmbedder } from "./hash.ts";
import { nearestEmbedder } from "./nearest.ts";

/** Knows two words and nothing else. */
const semantic: Embedder = {
  id: "two-words",
  version: "7",
  dimensions: 2,
  backgroundCosine: 0.1,
  embed: async (texts) => Float32Array.from(texts.flatMap((text) => [text.includes("roof") ? 30 : 0, text.includes("piano") ? 40 : 0])),
};

test("the weight is part of the id, and the parts' own versions of the version", () => {
  expect(nearestEmbedder(semantic, { hashWeight: 0.5 })).toMatchObject({ id: "two-words+hash.5", version: "7+1", dimensions: 514 });
  expect(nearestEmbedder(semantic, { hashWeight: 0.35 }).id).toBe("two-words+hash.35");
  expect(nearestEmbedder(semantic, { hashWeight: 1 }).id).toBe("two-words+hash1");
});

test("the background is that of both parts, as much as each counts", () => {
  expect(nearestEmbedder(semantic, { hashWeight: 0.5 }).backgroundCosine).toBeCloseTo((0.1 + 0.25 * 0.02) / 1.25, 12);
});

test("a cosine is that of the meaning and that of the words, as much as each counts", async () => {
  const texts = ["the roof leaks badly", "a roof was leaking"];
  const expected = (1 + 0.25 * (await cosine(hashEmbedder(), texts))) / 1.25;
  expect(await cosine(nearestEmbedder(semantic, { hashWeight: 0.5 }), texts)).toBeCloseTo(expected, 1);
});

test("a text without known meaning is compared by its words alone, one without words by nothing", async () => {
  const nearest = nearestEmbedder(semantic, { hashWeight: 0.5 });
  expect(await cosine(nearest, ["qwertz asdf", "qwertz asdf"])).toBeCloseTo(1, 6);
  expect([...(await nearest.embed(["..."]))].every((value) => value === 0)).toBe(true);
});

test.each([0, -1, 1.5, Number.NaN])("a weight of %d is refused", (hashWeight) => {
  expect(() => nearestEmbedder(semantic, { hashWeight })).toThrow(`hashWeight: ${hashWeight} is not above 0 and at most 1.`);
});

async function cosine(embedder: Embedder, texts: readonly string[]): Promise<number> {
  const { dimensions } = embedder;
  const vectors = await embedder.embed(texts);
  const [a, b] = [[...vectors.subarray(0, dimensions)], [...vectors.subarray(dimensions)]];
  const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, d) => sum + value * (y[d] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
