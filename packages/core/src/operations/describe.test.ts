import { expect, test } from "vitest";
import { describeInput, describeOutput } from "./describe.ts";
import { listDatasets } from "./dataset-list.ts";
import { operations } from "./list.ts";

test("an input says what may be left out and refuses what it does not know", () => {
  expect(describeInput(listDatasets)).toEqual({
    type: "object",
    properties: { trashed: { default: false, type: "boolean" } },
    additionalProperties: false,
  });
});

test("every operation can be described, twice the same", () => {
  for (const operation of operations) {
    expect(describeInput(operation)).toBe(describeInput(operation));
    expect(describeOutput(operation)).toMatchObject({ type: "object" });
  }
});
