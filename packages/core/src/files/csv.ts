import type { ByteSource, FileBatch, FileKind, FileReadOptions } from "../schema/file-kind.ts";
import { inBatches } from "./batches.ts";
import { CsvReader } from "./csv-reader.ts";
import { csvDialect, delimiterWords } from "./csv-dialect.ts";
import { commaStyle, writeCsv } from "./csv-write.ts";
import { decodeHead, utf8Chunks } from "./encoding.ts";

/**
 * Tables as text, RFC 4180 and what is found in its name: separated by comma, semicolon, tab or bar, quotes inside of a cell, any line end.
 *
 * Every value is a string. A row that does not fit its header is a problem and the rest is read. Columns without a name, or with a name
 * twice, get one and are said.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4180 | RFC 4180}
 */
export const csv: FileKind = {
  name: "csv",
  extension: "csv",
  detect: (head) => detectTable(head),
  read: (source, options) => readTable(source, options),
  write: (rows, options) => writeCsv(rows, options, commaStyle),
};

/** Says why a text looks like a table with one of these delimiters, or nothing. */
export function detectTable(head: string, among?: readonly string[]): string | undefined {
  if (/^\s*[[{<]/.test(head)) return undefined;
  const dialect = csvDialect(head, among);
  // One column cannot be told from running text; there the name decides.
  if (dialect.columns === 1 || dialect.evenness < 0.8) return undefined;
  return `${dialect.columns} columns with ${delimiterWords[dialect.delimiter] ?? dialect.delimiter} between them`;
}

const sniffedBytes = 64 * 1024;

/** Reads a table with one of these delimiters; absent = any that is known. */
export async function* readTable(source: ByteSource, options: FileReadOptions, among?: readonly string[]): AsyncIterable<FileBatch> {
  const dialect = csvDialect(decodeHead(await source.head(sniffedBytes), options.encoding), among);
  if (dialect.columns > 1) {
    const words = delimiterWords[dialect.delimiter] ?? dialect.delimiter;
    options.note?.({ what: "layout", value: dialect.delimiter, message: `Read as cells with ${words} between them.` });
  }
  const progress = { bytesRead: 0 };
  yield* inBatches(utf8Chunks(source, options, progress), progress, (sink) => new CsvReader(dialect, options, sink));
}
