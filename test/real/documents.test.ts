import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectFormat } from "../../packages/core/src/formats/detect.ts";
import type { NewExample } from "../../packages/core/src/schema/example.ts";
import type { Json } from "../../packages/core/src/schema/json.ts";
import { dataSet } from "./data-folder.ts";

const classic = join(dataSet("pickles_classic_schema") ?? "", "expected.json");

test.skipIf(!existsSync(classic))(
  "400 rows of document 2's schema are read with every field (skipped where TILTH_DATA lacks pickles_classic_schema)",
  () => {
    const rows: readonly Json[] = JSON.parse(readFileSync(classic, "utf8"));
    const { format, reason } = detectFormat({ rows: rows.slice(0, 200), fileKind: "json" });
    expect(`${format.name}: ${reason}`).toBe("document-intent: the rows hold `text`, `expected_intent` and `expected_sentiment`");
    const examples = rows.flatMap((row): readonly NewExample[] => {
      const reading = format.read?.(row, { fileKind: "json" });
      return reading === undefined || "refused" in reading ? [] : reading.examples;
    });
    expect(examples).toHaveLength(400);
    // Written back under the names of the file, the examples are the rows: no field was lost or changed.
    expect(examples.map(classicRow)).toEqual(rows);
  },
);

function classicRow(example: NewExample): Json {
  if (example.kind !== "classification") return null;
  return {
    text: example.text,
    expected_intent: example.labels.intent ?? null,
    expected_sentiment: example.labels.sentiment ?? null,
    expected_entities: example.entities.map(({ surface, label, start, end }) => [surface, label, start, end]),
    expected_persona: example.labels.persona ?? null,
    confidence: example.confidence ?? null,
    source: example.source ?? null,
    metadata: example.metadata ?? null,
  };
}
