import { kinds } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { CellType } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { detectFlat, readFlat } from "./flat-read.ts";
import { filledColumns, flatColumns, flatTypes, houseRow, writeFlat } from "./flat-write.ts";
import type { Format, ReadContext, Reading, WriteOptions, Writing } from "./format.ts";
import { nestedColumns, nestedOf, readNested, withNested } from "./nested-columns.ts";
import { messageLosses } from "./render.ts";

/**
 * The house row in columns with types: the flat columns, and beside them messages, tools and whatever else a flat row cannot hold. Only
 * parts of messages that are no text are lost.
 */
export const parquet: Format = {
  name: "parquet",
  title: "one row an example with its messages, as Parquet",
  kinds,
  lossless: false,
  readers: ["datasets", "pandas", "duckdb", "polars"],
  file: "parquet",
  weight: "carries",
  settings: ["columns"],
  detect: (sample) => (sample.fileKind === "parquet" ? detectFlat(sample) : undefined),
  read: readHouse,
  write: (example, options) => (isClassic(options.settings) ? writeFlat(example, options) : writeHouse(example, options)),
  needs: (example, settings) =>
    isClassic(settings) ? filledColumns(example, settings) : [...filledColumns(example, settings), ...Object.keys(nestedOf(example))],
  columns: (settings) => (isClassic(settings) ? flatColumns(settings) : [...flatColumns(settings), ...Object.keys(nestedColumns)]),
  columnTypes: (settings): Readonly<Record<string, CellType>> => ({ ...flatTypes(settings), ...nestedColumns }),
};

function isClassic(settings: JsonObject): boolean {
  return settings["columns"] === "classic";
}

function readHouse(row: Json, context: ReadContext): Reading {
  if (!isJsonObject(row) || row["kind"] === undefined) return readFlat(row, context);
  const nested = readNested(row);
  if (nested !== undefined) return nested;
  const flat = Object.fromEntries(Object.entries(row).filter(([column]) => !(column in nestedColumns)));
  const reading = readFlat(flat, context);
  return "refused" in reading ? reading : { ...reading, examples: reading.examples.map((example) => withNested(example, row)) };
}

function writeHouse(example: Example, { needs, settings }: WriteOptions): Writing {
  const row = { ...houseRow(example), ...nestedOf(example) };
  const columns = [...flatColumns(settings), ...Object.keys(nestedColumns)].filter((column) => needs.has(column));
  const losses = messagesOf(example).length === 0 ? [] : messageLosses(messagesOf(example), ["parts"]);
  return { rows: [Object.fromEntries(columns.map((column) => [column, valueOf(row, column)]))], losses };
}

function valueOf(row: JsonObject, column: string): Json {
  return row[column] ?? null;
}

function messagesOf(example: Example): Parameters<typeof messageLosses>[0] {
  switch (example.kind) {
    case "chat":
      return example.messages;
    case "preference":
      return [...example.prompt, ...example.chosen, ...example.rejected];
    case "rating":
      return [...example.prompt, ...example.completion];
    case "text":
    case "classification":
    case "extraction":
    case "steps":
      return [];
  }
}
