import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detectFileKind } from "../../packages/core/src/files/detect.ts";
import { fileSource } from "../../packages/core/src/files/source.ts";
import { readEverything } from "../../packages/core/src/files/test-sources.ts";
import { detectFormat } from "../../packages/core/src/formats/detect.ts";
import type { NewExample } from "../../packages/core/src/schema/example.ts";
import { canonicalJson } from "../../packages/core/src/text/canonical.ts";
import { codePointSlice } from "../../packages/core/src/text/words.ts";
import { dataSet } from "./data-folder.ts";

/** Intent, rows of the training file and how many of these are further copies of an earlier row, as the data folder's README counts. */
const intents: readonly (readonly [string, number, number])[] = [
  ["AddToPlaylist", 1942, 6],
  ["BookRestaurant", 1973, 5],
  ["GetWeather", 2000, 6],
  ["PlayMusic", 2000, 14],
  ["RateBook", 1956, 29],
  ["SearchCreativeWork", 1954, 3],
  ["SearchScreeningEvent", 1959, 98],
];

const snips = dataSet("snips_2017") ?? "";

describe.skipIf(snips === "")("snips_2017 (skipped where the set is missing)", () => {
  test.each(intents)("%s: every row has its intent, and every surface stands where its span says", async (intent, rows) => {
    for (const [file, expected] of [
      [`train_${intent}_full.json`, rows],
      [`validate_${intent}.json`, 100],
    ] as const) {
      const { told, examples } = await readFile(file);
      expect(told).toBe("text-segments: the rows hold `data`, a list of objects with a text");
      expect(examples).toHaveLength(expected);
      expect(new Set(examples.map((example) => (example.kind === "classification" ? example.labels.intent : example.kind)))).toEqual(
        new Set([intent]),
      );
      expect(examples.flatMap(misplaced)).toEqual([]);
    }
  });

  test("13,784 rows hold 35,748 spans, 700 more hold 1,794", async () => {
    const train = await readAll((intent) => `train_${intent}_full.json`);
    const validate = await readAll((intent) => `validate_${intent}.json`);
    expect([train.examples.length, spansOf(train.examples)]).toEqual([13_784, 35_748]);
    expect([validate.examples.length, spansOf(validate.examples)]).toEqual([700, 1_794]);
  });

  test("161 rows are further copies of another, 14,318 of both sets are distinct", async () => {
    const train = await readAll((intent) => `train_${intent}_full.json`);
    const validate = await readAll((intent) => `validate_${intent}.json`);
    const copies = await Promise.all(
      intents.map(async ([intent]) => {
        const { rows } = await readFile(`train_${intent}_full.json`);
        return rows.length - new Set(rows).size;
      }),
    );
    expect(copies).toEqual(intents.map(([, , equal]) => equal));
    expect(train.rows.length - new Set(train.rows).size).toBe(161);
    expect(new Set([...train.rows, ...validate.rows]).size).toBe(14_318);
    // What is read of them tells rows apart exactly as the rows themselves do: nothing is lost, nothing is made up.
    const contents = [...train.examples, ...validate.examples].map((example) => canonicalJson(example));
    expect(new Set(contents).size).toBe(14_318);
  });

  test("the emoji written as two surrogates comes out as that emoji", async () => {
    const { examples } = await readFile("train_PlayMusic_full.json");
    const texts = examples.flatMap((example) => (example.kind === "classification" ? [example.text] : []));
    const emoji = texts.flatMap((text) => text.match(/[\u{10000}-\u{10ffff}]/gu) ?? []);
    expect(emoji).toHaveLength(1);
    expect(emoji[0]).toMatch(/\p{Emoji_Presentation}/u);
    expect(texts.every((text) => text.isWellFormed() && !text.includes("\ufffd"))).toBe(true);
  });
});

interface Read {
  readonly told: string;
  readonly examples: readonly NewExample[];
  /** Each row with its intent, as text to compare. */
  readonly rows: readonly string[];
}

async function readFile(file: string): Promise<Read> {
  const source = await fileSource(join(snips, file));
  const { kind } = await detectFileKind(source);
  const { records, values, problems } = await readEverything(kind, source);
  expect(problems).toEqual([]);
  const { format, reason } = detectFormat({ rows: values.slice(0, 200), fileKind: kind.name });
  const examples: NewExample[] = [];
  const rows: string[] = [];
  for (const record of records) {
    if ("problem" in record) continue;
    rows.push(canonicalJson([record.group ?? "", record.value]));
    const group = record.group === undefined ? {} : { group: record.group };
    const reading = format.read?.(record.value, { fileKind: kind.name, ...group });
    if (reading !== undefined && !("refused" in reading)) examples.push(...reading.examples);
  }
  return { told: `${format.name}: ${reason}`, examples, rows };
}

async function readAll(fileOf: (intent: string) => string): Promise<Pick<Read, "examples" | "rows">> {
  const files = await Promise.all(intents.map(([intent]) => readFile(fileOf(intent))));
  return { examples: files.flatMap(({ examples }) => examples), rows: files.flatMap(({ rows }) => rows) };
}

function spansOf(examples: readonly NewExample[]): number {
  return examples.reduce((sum, example) => sum + (example.kind === "classification" ? example.entities.length : 0), 0);
}

/** The spans whose surface is not what the text has there. */
function misplaced(example: NewExample): readonly string[] {
  if (example.kind !== "classification") return [example.kind];
  return example.entities
    .filter(({ start, end, surface }) => codePointSlice(example.text, start, end) !== surface)
    .map(({ label, start }) => `${label} at ${start}`);
}
