import { expect, test } from "vitest";
import type { Embedder } from "../schema/embedder.ts";
import { measureBackground, withBackground } from "./background.ts";
import { hashEmbedder } from "./hash.ts";

/** A text is an angle in degrees, or nothing. */
function angles(): Embedder & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    id: "angles",
    version: "1",
    dimensions: 2,
    backgroundCosine: 0,
    asked,
    embed: async (texts) => {
      asked.push(...texts);
      return Float32Array.from(
        texts.flatMap((text) =>
          text === "" ? [0, 0] : [5 * Math.cos((Number(text) * Math.PI) / 180), 5 * Math.sin((Number(text) * Math.PI) / 180)],
        ),
      );
    },
  };
}

test("is the mean cosine of pairs, whatever the vectors' lengths", async () => {
  expect(await measureBackground(angles(), ["0", "60"])).toBe(0.5);
  expect(await measureBackground(angles(), ["0", "90", "180"])).toBe(-0.3333);
});

test("copies and texts without a vector do not count", async () => {
  expect(await measureBackground(angles(), ["0", "0", "", "60", "0"])).toBe(0.5);
});

test("without two texts there is nothing to measure", async () => {
  expect(await measureBackground(angles(), [])).toBeUndefined();
  expect(await measureBackground(angles(), ["0", "0", ""])).toBeUndefined();
});

test("takes 1,000 of many texts from all over the list, the same at every call", async () => {
  const texts = Array.from({ length: 5000 }, (_, index) => String(index));
  const [first, second] = [angles(), angles()];
  expect(await measureBackground(first, texts)).toBe(await measureBackground(second, texts));
  expect(first.asked).toHaveLength(1000);
  expect(first.asked.filter((text) => Number(text) >= 2500).length).toBeGreaterThan(400);
});

test("finds about what hash-v1 declares, and is set on a copy", async () => {
  const texts = [
    "how do I reset my password?",
    "the harvest was poor this year",
    "add milk and flour, then stir",
    "her poem won a prize in Vienna",
    "membranes last about twenty winters",
    "gm frens 🎀",
    "x + 3 = 12, so x is nine",
    "le chat dort sous une table",
    "book two seats at noon tomorrow",
    "viruses mutate while they spread",
  ];
  const found = await measureBackground(hashEmbedder(), texts);
  expect(Math.abs((found ?? 1) - 0.02)).toBeLessThan(0.1);
  const measured = withBackground(hashEmbedder(), 0.25);
  expect(measured).toMatchObject({ id: "hash-v1", backgroundCosine: 0.25 });
  expect(await measured.embed(texts)).toEqual(await hashEmbedder().embed(texts));
});
