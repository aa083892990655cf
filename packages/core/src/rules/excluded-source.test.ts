import { expect, test } from "vitest";
import { excludedSource } from "./excluded-source.ts";

const places = (more: object) =>
  excludedSource.check({ kind: "text", text: "x", ...more }, { thresholds: excludedSource.defaults ?? {} }).map(({ at }) => at);

test("answers to errors and timeouts are not trained on", () => {
  expect(places({ source: "error" })).toEqual(["/source"]);
  expect(places({ source: "timeout" })).toEqual(["/source"]);
  expect(places({ source: "error_report" })).toEqual([]);
});

test("nor is what somebody excluded; saying nothing includes", () => {
  expect(places({ includeInTraining: false })).toEqual(["/includeInTraining"]);
  expect(places({ includeInTraining: true })).toEqual([]);
  expect(places({})).toEqual([]);
});
