import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { fileSource } from "../../packages/core/src/files/source.ts";
import type { CellType, FileKind } from "../../packages/core/src/schema/file-kind.ts";
import type { Json, JsonObject } from "../../packages/core/src/schema/json.ts";
import { isJsonObject } from "../../packages/core/src/schema/json.ts";

/** What a column, or a place below it, holds. */
export type Type =
  | { readonly is: "list"; readonly of: Type }
  | { readonly is: "struct"; readonly fields: Readonly<Record<string, Type>> }
  /** `null`: nothing anywhere; `mixed`: values of several types. Readers may add words of their own, which then fit nothing. */
  | { readonly is: "text" | "boolean" | "integer" | "number" | "time" | "json" | "bytes" | "null" | "mixed" };

/** A file's rows as one side sees them. */
export interface Table {
  readonly rows: number;
  readonly columns: Readonly<Record<string, Type>>;
  /** Every text in a column at any depth, each once, in order. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

/**
 * What Node finds in a file, to compare readers with: text with `JSON.parse` and `csv-parse`, other layouts with Tilth's own reader.
 *
 * @param declared - The types of columns where the format declares them.
 */
export async function tableOf(
  path: string,
  kind: FileKind,
  rowsKey?: string,
  declared?: Readonly<Record<string, CellType>>,
): Promise<Table> {
  switch (kind.name) {
    case "jsonl":
      return fromRows(
        (await readFile(path, "utf8"))
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line)),
      );
    case "json": {
      const whole = JSON.parse(await readFile(path, "utf8"));
      return fromRows(rowsKey === undefined ? whole : whole[rowsKey]);
    }
    case "csv":
      return fromCells(parse(await readFile(path), { delimiter: "," }));
    case "tsv":
      return fromCells(parse(await readFile(path), { delimiter: "\t", quote: false }));
    case "parquet": {
      const table = fromRows(await readRows(path, kind));
      const types = Object.entries(declared ?? {}).filter(([name]) => name in table.columns);
      return { ...table, columns: { ...table.columns, ...Object.fromEntries(types.map(([name, type]) => [name, declaredType(type)])) } };
    }
  }
}

async function readRows(path: string, kind: FileKind): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = [];
  for await (const { records } of kind.read(await fileSource(path), {})) {
    for (const record of records) if ("value" in record && isJsonObject(record.value)) rows.push(record.value);
  }
  return rows;
}

const scalars = { string: "text", bool: "boolean", i32: "integer", f64: "number", time: "time", json: "json" } as const;

function declaredType(type: CellType): Type {
  if (typeof type === "string") return { is: scalars[type] };
  if ("list" in type) return { is: "list", of: declaredType(type.list) };
  return { is: "struct", fields: Object.fromEntries(Object.entries(type.struct).map(([name, field]) => [name, declaredType(field)])) };
}

/**
 * Says where a reader's type does not hold what was written; nothing when it does.
 *
 * Fitting is not being equal: readers may take an instant for a time, unite unlike objects, and keep what is unlike as JSON.
 */
export function misfit(written: Type, read: Type, at: string, jsonAs: "json" | "bytes" = "json"): readonly string[] {
  if (written.is === "null" || read.is === "json" || (written.is === "json" && read.is === jsonAs)) return [];
  if (written.is === "mixed") return read.is === "mixed" ? [] : [`${at} holds unlike values and was read as ${read.is}`];
  if (written.is === "list" && read.is === "list") return misfit(written.of, read.of, `${at}/*`, jsonAs);
  if (written.is === "struct" && read.is === "struct") {
    const { fields } = read;
    return Object.entries(written.fields).flatMap(([name, type]) => {
      const field = fields[name];
      if (field !== undefined) return misfit(type, field, `${at}/${name}`, jsonAs);
      return type.is === "null" ? [] : [`${at}/${name} is missing`];
    });
  }
  const fits =
    written.is === read.is || (written.is === "time" && read.is === "text") || (written.is === "integer" && read.is === "number");
  return fits ? [] : [`${at} is ${written.is} and was read as ${read.is}`];
}

/** The type of JSON values that stand in one place. */
export function typeOf(values: readonly (Json | undefined)[]): Type {
  const there = values.filter((value) => value !== null && value !== undefined);
  if (there.length === 0) return { is: "null" };
  const lists = there.filter((value) => Array.isArray(value));
  if (lists.length === there.length) return { is: "list", of: typeOf(lists.flat()) };
  const objects = there.filter(isJsonObject);
  if (objects.length === there.length) return { is: "struct", fields: fieldsOf(objects) };
  if (there.every((value) => typeof value === "boolean")) return { is: "boolean" };
  if (there.every((value) => typeof value === "number"))
    return { is: there.every((value) => Number.isInteger(value)) ? "integer" : "number" };
  if (there.every((value) => typeof value === "string")) return { is: there.every((text) => instant.test(text)) ? "time" : "text" };
  return { is: "mixed" };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function fieldsOf(objects: readonly JsonObject[]): Readonly<Record<string, Type>> {
  const names = new Set(objects.flatMap((object) => Object.keys(object)));
  return Object.fromEntries([...names].map((name) => [name, typeOf(objects.map((object) => object[name]))]));
}

function fromRows(rows: readonly JsonObject[]): Table {
  const columns = fieldsOf(rows);
  const texts = Object.keys(columns).map((name) => [name, distinct(rows.flatMap((row) => textsOf(row[name])))] as const);
  return { rows: rows.length, columns, texts: Object.fromEntries(texts) };
}

/** Every text in a value, at any depth. */
export function textsOf(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  if (value === undefined || value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(textsOf);
}

/** An empty cell is an absent one. */
function fromCells([header = [], ...lines]: readonly (readonly string[])[]): Table {
  const cells = (index: number): readonly string[] => lines.flatMap((line) => line[index] || []);
  return {
    rows: lines.length,
    columns: Object.fromEntries(header.map((name, index) => [name, typeOfCells(cells(index))])),
    texts: Object.fromEntries(header.map((name, index) => [name, distinct(cells(index))])),
  };
}

/** What readers of tables take a column for: one cell that is something else makes it text. */
function typeOfCells(cells: readonly string[]): Type {
  const type = typeOf(cells.map(plainValue));
  return type.is === "mixed" ? { is: "text" } : type;
}

function plainValue(cell: string): Json {
  if (/^(true|false)$/.test(cell)) return cell === "true";
  return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}
