import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryExample } from "../schema/example.arbitrary.ts";
import { kinds } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { linesOf, readOne, refusalOf, stored } from "./contract.ts";
import { tilth } from "./tilth.ts";

const text = stored({ kind: "text", text: "gm" });

test.each(kinds)("reading what was written gives the same example of kind %s, without what is computed", (kind) => {
  fc.assert(
    fc.property(arbitraryExample({ kinds: [kind] }), (example) => {
      const row: Json = JSON.parse(linesOf(tilth, [example]));
      expect(readOne(tilth, row)).toEqual(told(example));
    }),
    { numRuns: 60 },
  );
});

function told(example: Example): object {
  const computed = ["rev", "importId", "quality", "reviewStatus", "lifecycle", "updatedAt", "contentHash", "inputHash"];
  return Object.fromEntries(Object.entries(example).filter(([member]) => !computed.includes(member)));
}

test("writes id, kind, content and common fields in one order", () => {
  expect(linesOf(tilth, [text])).toBe(
    '{"id":"01JD0000000000000000000001","kind":"text","text":"gm","source":"test","sourceKind":"manual",' +
      '"groupKey":"01JD0000000000000000000001","domain":"general","tags":[],"weight":1,"quality":{"tier":"unverified","factors":{}},' +
      '"reviewStatus":"pending","lifecycle":"active","includeInTraining":true,"wasCorrected":false,"validated":false,' +
      '"createdAt":"2026-01-02T03:04:05.000Z","createdBy":"test","updatedAt":"2026-01-02T03:04:05.000Z","rev":1,' +
      `"contentHash":"${text.contentHash}","inputHash":"${text.inputHash}","metadata":{}}\n`,
  );
});

test("reads a new example, which says only what it knows", () => {
  expect(readOne(tilth, { kind: "text", text: "gm", tags: ["a"] })).toEqual({ kind: "text", text: "gm", tags: ["a"] });
});

test.each<[Json, string, string]>([
  ["gm", "shape", "the row is no object"],
  [{ text: "secret" }, "kind", "`kind` is none of chat, preference, rating, text, classification, extraction, steps"],
  [{ kind: "dog", text: "secret" }, "kind", "`kind` is none of chat, preference, rating, text, classification, extraction, steps"],
  [{ kind: "text" }, "shape", "text: Invalid input: expected string, received undefined"],
  [{ kind: "text", text: "secret", weight: -1 }, "shape", "weight: Too small: expected number to be >=0"],
  [
    { kind: "chat", messages: [{ role: "dog", content: "secret" }] },
    "shape",
    'messages.0.role: Invalid option: expected one of "system"|"user"|"assistant"|"tool"',
  ],
  [{ kind: "text", text: "secret", colour: "secret" }, "shape", 'the row: Unrecognized key: "colour"'],
])("refuses %j in one sentence without content", (row, refused, reason) => {
  expect(refusalOf(tilth, row)).toEqual({ refused, reason });
});

test("replaces half a surrogate pair, in texts and in keys, and says where", () => {
  const reading = tilth.read?.({ kind: "text", text: "a\ud800b", metadata: { "\udc00": "\\ud800 is written so" } }, { fileKind: "jsonl" });
  expect(reading).toMatchObject({
    examples: [{ text: "a\ufffdb", metadata: { "\ufffd": "\\ud800 is written so" } }],
    remarks: [
      { rule: "lone-surrogate", at: "/text" },
      { rule: "lone-surrogate", at: "/metadata" },
    ],
  });
});
