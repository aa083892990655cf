import { expect, test } from "vitest";
import type { Labels } from "../schema/content.ts";
import type { LabelSets } from "./rule.ts";
import { missingLabel } from "./missing-label.ts";

function places(labels: Labels, required: readonly string[], sets?: LabelSets): readonly string[] {
  const context = { thresholds: { required }, ...(sets === undefined ? {} : { labels: sets }) };
  return missingLabel.check({ kind: "classification", text: "I lost my card", labels, entities: [] }, context).map(({ at }) => at);
}

test("an intent without a sentiment is complete where only the intent is asked for", () => {
  expect(places({ intent: "lost_card" }, ["intent"])).toEqual([]);
  expect(places({ intent: "lost_card" }, ["intent", "sentiment"])).toEqual(["/labels/sentiment"]);
});

test("nothing is asked for unless a pack asks", () => {
  expect(places({}, [])).toEqual([]);
});

test("a blank label is a missing one", () => {
  expect(places({ intent: " " }, ["intent"])).toEqual(["/labels/intent"]);
  expect(places({ categories: [] }, ["categories"])).toEqual(["/labels/categories"]);
});

test("finds a label that the dataset does not have, without saying it", () => {
  const labels = { intent: new Set(["lost_card"]), categories: new Set(["a", "b"]) };
  expect(places({ intent: "lost_card", categories: ["a"] }, [], labels)).toEqual([]);
  expect(places({ intent: "lostcard", categories: ["a", "c"], sentiment: "any" }, [], labels)).toEqual([
    "/labels/intent",
    "/labels/categories",
  ]);
});

test("looks at classifications alone", () => {
  expect(missingLabel.check({ kind: "text", text: "gm" }, { thresholds: { required: ["intent"] } })).toEqual([]);
});
