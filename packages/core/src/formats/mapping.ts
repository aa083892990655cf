import { TilthError } from "../errors.ts";
import type { ImportMap } from "../schema/config.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { nearest } from "../text/nearest.ts";
import { unpacked } from "./columns.ts";
import type { Format } from "./format.ts";
import { kindOfMap } from "./mapping-kinds.ts";
import { asMap, parseMap } from "./mapping-parse.ts";
import type { ColumnPath, Place } from "./mapping-path.ts";
import { follow, stepInto } from "./mapping-path.ts";
import type { Binding } from "./mapping-read.ts";
import { bindEntry, readBinding, readMapped } from "./mapping-read.ts";
import { mapSyntaxError } from "./mapping-syntax.ts";
import type { BoundValue } from "./mapping-value.ts";
import { pathIn } from "./mapping-value.ts";

/** A format that a map of columns makes: it reads rows of any layout and writes none. */
export interface MapFormat extends Format {
  /** The map in its one spelling. */
  readonly map: ImportMap;
  readonly bindings: readonly Binding[];
}

/**
 * Makes a format of a map from fields to columns: `{ input: "question", output: "answers[0]|trim", domain: "'code'" }`.
 *
 * Each row becomes one example. What is empty or absent in a row fills no field; what an example cannot do without is then missing and the
 * row refused, as is a row whose value a filter or a field cannot read. Columns that no entry takes go to `metadata`; of a column that is
 * taken in part, the rest does. A column that only says the name of another stays there too.
 *
 * @throws {@link TilthError} `map/syntax`, `map/unknown-field`, `map/no-kind`.
 */
export function compileMap(map: ImportMap): MapFormat {
  const entries = parseMap(map);
  const kind = kindOfMap(entries);
  const bindings = entries.filter(({ field }) => field !== "kind").map(bindEntry);
  for (const binding of bindings) checkConstant(binding);
  return {
    name: "map",
    title: "rows of any columns, read by a map",
    kinds: [kind],
    lossless: false,
    readers: [],
    file: "csv",
    weight: "refuses",
    map: asMap(entries),
    bindings,
    read: (row, context) => readMapped(row, context, kind, bindings),
  };
}

/** Rows that are asked whether a column is there at all. */
const CHECKED_ROWS = 100;

/**
 * Checks the columns of a map against the first rows of a file, before any is imported. A column or path that none of the first 100 rows has
 * is a mistake; one that only some rows lack is absent there.
 *
 * @throws {@link TilthError} `map/unknown-column` that names the nearest column.
 */
export function checkMap(format: MapFormat, sampleRows: readonly Json[]): void {
  const rows = sampleRows.slice(0, CHECKED_ROWS).filter(isJsonObject);
  if (rows.length === 0) return;
  for (const { entry, value } of format.bindings) {
    const { source } = value;
    if (typeof source === "string") continue;
    for (const part of "readings" in source ? [] : source) {
      if (typeof part !== "string" && !rows.some((row) => follow(row, part.path) !== undefined))
        throw unknownColumn(rows, part.path, part.path.text, entry.field);
    }
    const paths = pathsRead(source, rows);
    const [first] = paths;
    if (first !== undefined && !paths.some(({ path, row }) => follow(row, path) !== undefined))
      throw unknownColumn(rows, first.path, value.column, entry.field);
  }
}

/** A constant that fits no row is a mistake in the map, not in the rows. */
function checkConstant(binding: Binding): void {
  if (typeof binding.value.source !== "string") return;
  const read = readBinding(binding, {});
  const { entry, field } = binding.entry;
  if ("refused" in read) throw mapSyntaxError(entry, entry.indexOf(binding.value.column), read.reason, `a constant that ${field} can hold`);
}

/** The path that each row reads; rows where no column says it are left out. */
function pathsRead(
  source: Exclude<BoundValue["source"], string>,
  rows: readonly JsonObject[],
): readonly { readonly path: ColumnPath; readonly row: JsonObject }[] {
  return rows.flatMap((row) => {
    const path = pathIn(source, row);
    return path === undefined || "problem" in path ? [] : [{ path, row }];
  });
}

function unknownColumn(rows: readonly JsonObject[], path: ColumnPath, column: string, field: string): TilthError<"map/unknown-column"> {
  return new TilthError("map/unknown-column", { column, field, hint: hintFor(rows, path) });
}

const SHOWN_NAMES = 20;
const SHOWN_NAME_LENGTH = 40;

/** The nearest name where the path leaves what the rows have. Names beyond a few are not shown: a table without a header has content for them. */
function hintFor(rows: readonly JsonObject[], { readings, text }: ColumnPath): string {
  const [column, ...steps]: Place = readings.at(-1) ?? [text];
  let level: readonly Json[] = rows;
  let there = "";
  for (const step of [column, ...steps]) {
    const inside = level.map((value) => stepInto(value, step)).filter((value) => value !== undefined);
    if (inside.length === 0) {
      if (typeof step === "number") return `${there} has no element ${step}.`;
      const names = namesIn(level);
      const meant = nearest(step, names);
      if (meant !== undefined) return `The nearest${there === "" ? "" : ` in ${there}`} is ${shorten(meant)}.`;
      return names.length === 0
        ? `${there} holds no JSON object.`
        : `There are ${names.slice(0, SHOWN_NAMES).map(shorten).join(", ")}${names.length > SHOWN_NAMES ? " …" : ""}.`;
    }
    level = inside;
    there += typeof step === "number" ? `[${step}]` : `${there === "" ? "" : "."}${step}`;
  }
  return "It is in other rows only.";
}

function namesIn(level: readonly Json[]): readonly string[] {
  return [...new Set(level.map(unpacked).flatMap((value) => (isJsonObject(value) ? Object.keys(value) : [])))];
}

function shorten(name: string): string {
  return name.length > SHOWN_NAME_LENGTH ? `${name.slice(0, SHOWN_NAME_LENGTH).toWellFormed()}…` : name;
}
