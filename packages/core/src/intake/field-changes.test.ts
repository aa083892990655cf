import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";
import { fieldChanges } from "./field-changes.ts";

test("tells the place as near to the leaf as both sides have the same shape", () => {
  const before = {
    labels: { intent: "buy", persona: "new" },
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ],
    tags: ["x"],
  };
  const after = {
    labels: { intent: "sell", persona: "new" },
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "c" },
    ],
    tags: ["x", "y"],
    topic: "z",
  };
  expect(fieldChanges(before, after)).toEqual([
    { field: "labels.intent", before: "buy", after: "sell" },
    { field: "messages[1].content", before: "b", after: "c" },
    { field: "tags", before: ["x"], after: ["x", "y"] },
    { field: "topic", after: "z" },
  ]);
});

test("a list with another number of messages is another list", () => {
  const [one, two] = [
    [{ role: "user", content: "a" }],
    [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ],
  ];
  expect(fieldChanges({ messages: one }, { messages: two })).toEqual([{ field: "messages", before: one, after: two }]);
});

test("knows a member from what every object inherits", () => {
  expect(fieldChanges({}, { toString: "a word" })).toEqual([{ field: "toString", after: "a word" }]);
});

test("finds nothing exactly where both are equal, whatever the order of members; and the same places both ways", () => {
  const object = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<JsonObject>;
  fc.assert(
    fc.property(object, object, (before, after) => {
      const there = fieldChanges(before, after);
      expect(there.length === 0).toBe(canonicalJson(before) === canonicalJson(after));
      expect(
        fieldChanges(after, before)
          .map(({ field }) => field)
          .toSorted(),
      ).toEqual(there.map(({ field }) => field).toSorted());
    }),
  );
});
