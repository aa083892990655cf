import fc from "fast-check";
import { expect, test } from "vitest";
import { json as jsonFile } from "../files/json.ts";
import { bytesSource, readEverything } from "../files/test-sources.ts";
import type { NewExample } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { textSegments } from "./text-segments.ts";

const row = { data: [{ text: "Cancel my 😀 " }, { text: "Acme", entity: "org" }, { text: " order" }] };

function read(value: Json, group?: string): NewExample | undefined {
  const reading = textSegments.read?.(value, { fileKind: "json", ...(group === undefined ? {} : { group }) });
  return reading === undefined || "refused" in reading ? undefined : reading.examples[0];
}

test("joins the segments and finds the entities among them, in code points", () => {
  expect(read(row, "Cancel")).toEqual({
    kind: "classification",
    text: "Cancel my 😀 Acme order",
    labels: { intent: "Cancel" },
    entities: [{ label: "org", start: 12, end: 16, surface: "Acme" }],
  });
});

test("a map of intents gives each row its intent", async () => {
  const { records } = await readEverything(jsonFile, bytesSource(JSON.stringify({ Cancel: [row], Order: [row, row] })));
  const intents = records.map((record) => ("value" in record ? read(record.value, record.group) : undefined));
  expect(intents).toMatchObject([{ labels: { intent: "Cancel" } }, { labels: { intent: "Order" } }, { labels: { intent: "Order" } }]);
});

test("reads an intent that stands in the row, and keeps what segments say beside", () => {
  const told = { intent: "Cancel", data: [{ text: "a", entity: "b", slot_name: "c" }], id: 7 };
  expect(read(told)).toEqual({
    kind: "classification",
    text: "a",
    labels: { intent: "Cancel" },
    entities: [{ label: "b", start: 0, end: 1, surface: "a" }],
    sourceId: "7",
    metadata: { "text-segments": { "/data/0": { slot_name: "c" } } },
  });
});

test("the text between the offsets is always the surface", () => {
  const segment = fc.record({ text: fc.string({ unit: "grapheme" }), entity: fc.constant("a") });
  fc.assert(
    fc.property(fc.array(segment), (data) => {
      const read_ = read({ data });
      if (read_?.kind !== "classification") throw new Error("was not read");
      expect(read_.entities).toHaveLength(data.length);
      for (const { start, end, surface } of read_.entities) expect(Array.from(read_.text).slice(start, end).join("")).toBe(surface);
    }),
  );
});

test("is recognised by its segments", () => {
  const { format, reason } = detectFormat({ rows: [row], fileKind: "json" });
  expect([format.name, reason]).toEqual(["text-segments", "the rows hold `data`, a list of objects with a text"]);
});

test.each<[string, Json]>([
  ["a segment without text", { data: [{ text: "a" }, { entity: "secret" }] }],
  ["segments that are no list", { data: "secret" }],
  ["no object", "secret"],
])("refuses %s without showing content", (_, value) => {
  const { refused, reason } = refusalOf(textSegments, value);
  expect(refused).toBe("shape");
  expect(reason).not.toContain("secret");
});
