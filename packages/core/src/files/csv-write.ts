import { TilthError } from "../errors.ts";
import type { FileWriteOptions } from "../schema/file-kind.ts";
import { isJsonObject } from "../schema/json.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";
import { textBytes } from "./json-write.ts";

/** What of a table's text depends on its delimiter. */
export interface CsvStyle {
  readonly delimiter: string;
  /** Cells that would be read as something else without quotes. */
  readonly needsQuotes: RegExp;
  /** Names that are quoted although they need not be, so that nobody takes what separates cells elsewhere for this file's delimiter. */
  readonly misleads?: RegExp;
}

/** RFC 4180. A byte order mark at the start would be taken for the file's. */
export const commaStyle: CsvStyle = { delimiter: ",", needsQuotes: /[",\r\n]|^\ufeff/, misleads: /[;\t|]/ };

/** Quotes inside of a cell stay as they are: many readers of such tables know no quoting. */
export const tabStyle: CsvStyle = { delimiter: "\t", needsQuotes: /[\t\r\n]|^["\ufeff]/ };

/**
 * Writes rows with a header, `\n` line ends and nested values as canonical JSON text; null and absent are empty.
 *
 * Cells that a spreadsheet would run as a formula get an apostrophe unless `escapeFormulas` is false; plain numbers are left alone. With
 * `columns` given, other members of a row are not written.
 *
 * @throws {@link TilthError} `input/invalid` for a row that is no object, `format/late-column` where `columns` is absent and a later row
 * has a member the first had not.
 */
export async function* writeCsv(rows: AsyncIterable<Json>, options: FileWriteOptions, style: CsvStyle): AsyncIterable<Uint8Array> {
  yield* textBytes(csvText(rows, options, style));
}

async function* csvText(rows: AsyncIterable<Json>, options: FileWriteOptions, style: CsvStyle): AsyncIterable<string> {
  const escapes = options.escapeFormulas !== false;
  let columns = options.columns;
  if (columns !== undefined) yield headerLine(columns, escapes, style);
  let number = 0;
  for await (const row of rows) {
    number++;
    if (!isJsonObject(row)) throw new TilthError("input/invalid", { where: `row ${number}`, problem: "only an object has columns" });
    if (columns === undefined) {
      columns = Object.keys(row);
      yield headerLine(columns, escapes, style);
    }
    if (options.columns === undefined) refuseLateColumn(row, columns, number);
    yield csvLine(
      columns.map((name) => (Object.hasOwn(row, name) ? cellText(row[name]) : "")),
      escapes,
      style,
    );
  }
}

function refuseLateColumn(row: JsonObject, columns: readonly string[], number: number): void {
  const late = Object.keys(row).find((name) => !columns.includes(name));
  if (late !== undefined) throw new TilthError("format/late-column", { row: number, column: late });
}

function cellText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : canonicalJson(value);
}

function headerLine(columns: readonly string[], escapes: boolean, style: CsvStyle): string {
  const cells = columns.map((name) =>
    style.misleads?.test(name) === true ? quoted(escaped(name, escapes)) : csvCell(name, escapes, style),
  );
  return `${cells.join(style.delimiter) || '""'}\n`;
}

/** A row of one empty cell is quoted, as a blank line would be no row. */
function csvLine(cells: readonly string[], escapes: boolean, style: CsvStyle): string {
  const line = cells.map((cell) => csvCell(cell, escapes, style)).join(style.delimiter);
  return line === "" ? '""\n' : `${line}\n`;
}

function csvCell(cell: string, escapes: boolean, style: CsvStyle): string {
  const text = escaped(cell, escapes);
  return style.needsQuotes.test(text) ? quoted(text) : text;
}

function escaped(cell: string, escapes: boolean): string {
  return (escapes && runsAsFormula(cell) ? `'${cell}` : cell).toWellFormed();
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const plainNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** @see {@link https://owasp.org/www-community/attacks/CSV_Injection | OWASP, CSV injection} */
function runsAsFormula(cell: string): boolean {
  return /^[=+\-@\t\r]/.test(cell) && !plainNumber.test(cell);
}
