import { expect, test } from "vitest";
import { configSchema } from "./config.ts";
import { packSchema } from "./pack.ts";
import { firstProblem } from "./strict.ts";
import type { z } from "zod";

function problem(schema: z.ZodType, value: unknown): string | undefined {
  const result = schema.safeParse(value);
  if (result.success) return undefined;
  const { path, message } = firstProblem(result.error);
  return `${path.map(String).join(".")}: ${message}`;
}

test("takes an empty pack and an empty configuration", () => {
  expect(packSchema.parse({})).toEqual({});
  expect(configSchema.parse({})).toEqual({});
});

test.each([
  [{ frehsness: {} }, "frehsness: unknown key frehsness; the nearest is freshness"],
  [{ quality: { minscore: 0.6 } }, "quality.minscore: unknown key minscore; the nearest is min_score"],
  [{ freshness: { weights: { phrases: 0.4 } } }, "freshness.weights.phrases: unknown key phrases; the nearest is phrase"],
  [{ tags: [{ match: "word", patern: {} }] }, "tags.0.patern: unknown key patern; the nearest is patterns"],
])("an unknown key names the nearest one: %j", (pack, expected) => {
  expect(problem(packSchema, pack)).toContain(expected);
});

test("a key that is near to none lists those there are", () => {
  expect(problem(packSchema, { tier: { banana: 1 } })).toBe("tier.banana: unknown key banana; known are warningCap");
});

test("refuses shares outside 0 to 1, words of no kind, and empty keywords", () => {
  expect(problem(packSchema, { quality: { min_score: 60 } })).toMatch(/^quality\.min_score: /);
  expect(problem(packSchema, { sources: { tweet: "tweets" } })).toMatch(/^sources\.tweet: /);
  expect(problem(packSchema, { relevance: { tables: [{ match: "substring", terms: [""] }] } })).toMatch(
    /^relevance\.tables\.0\.terms\.0: /,
  );
});

test("a configuration has the keys of a pack and its own; a pack has only its own", () => {
  expect(
    problem(configSchema, { packs: ["social"], storage: "postgres://db/tilth", quality: { min_score: 0.7 }, durability: "relaxed" }),
  ).toBeUndefined();
  expect(problem(packSchema, { storage: "postgres://db/tilth" })).toMatch(/^storage: unknown key storage/);
  expect(problem(configSchema, { durabilty: "relaxed" })).toBe("durabilty: unknown key durabilty; the nearest is durability");
});
