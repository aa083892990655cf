import fc from "fast-check";
import { expect, test } from "vitest";
import { displayWidth } from "./text.ts";
import { valuePairs } from "./value-lines.ts";

const long = "The beans went in on the third of May, after the last frost had been and gone, and they came up ";

test("shows short values whole, and one that is missing not at all", () => {
  expect(valuePairs({ field: "labels.intent", before: "order", after: "refund" }, 40)).toEqual([{ before: "order", after: "refund" }]);
  expect(valuePairs({ field: "topic", after: "soil" }, 40)).toEqual([{ after: "soil" }]);
  expect(valuePairs({ field: "tags", before: ["a"], after: ["a", "b"] }, 40)).toEqual([{ before: '["a"]', after: '["a","b"]' }]);
  expect(valuePairs({ field: "quality.score", before: 0.5, after: 0.75 }, 40)).toEqual([{ before: "0.5", after: "0.75" }]);
});

test("begins a long text shortly before what differs", () => {
  const [pair] = valuePairs({ field: "text", before: `${long}slowly.`, after: `${long}within a week.` }, 40);
  expect(pair?.before).toMatch(/^….*came up slowly\.$/);
  expect(pair?.after).toMatch(/^….*came up within a week\.$/);
});

test("of a chat it shows the messages that differ, each with who speaks", () => {
  const before = [
    { role: "user", content: "When?" },
    { role: "assistant", content: "In May." },
  ];
  const after = [
    { role: "user", content: "When?" },
    { role: "assistant", content: "In June." },
    { role: "user", content: "Thanks" },
  ];
  expect(valuePairs({ field: "messages", before, after }, 40)).toEqual([
    { before: "assistant: In May.", after: "assistant: In June." },
    { after: "user: Thanks" },
  ]);
});

test("a line end that came or went is seen", () => {
  expect(valuePairs({ field: "text", before: "a\nb", after: "a b" }, 40)).toEqual([{ before: "a⏎ b", after: "a b" }]);
});

test("property: every line fits, and no character is cut in two", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 200 });
  fc.assert(
    fc.property(text, text, fc.integer({ min: 24, max: 120 }), (before, after, width) => {
      for (const pair of valuePairs({ field: "text", before, after }, width)) {
        for (const line of [pair.before ?? "", pair.after ?? ""]) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
          expect(line.isWellFormed()).toBe(true);
        }
      }
    }),
  );
});
