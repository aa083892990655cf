import type { ByteSource, FileBatch, FileKind, FileReadOptions } from "../schema/file-kind.ts";
import { inBatches } from "./batches.ts";
import { CsvReader } from "./csv-reader.ts";
import { csvDialect, delimiterWords } from "./csv-dialect.ts";
import { writeCsv } from "./csv-write.ts";
import { decodeHead, utf8Chunks } from "./encoding.ts";

/**
 * Tables as text, RFC 4180 and what is found in its name: separated by comma, semicolon, tab or bar, quotes inside of a cell, any line end.
 *
 * Every value is a string. A row that does not fit its header is a problem and the rest is read. Columns without a name, or with a name
 * twice, get one and are said.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4180 | RFC 4180}
 */
export const csv: FileKind = { name: "csv", extension: "csv", detect, read, write: writeCsv };

function detect(head: string): string | undefined {
  if (/^\s*[[{<]/.test(head)) return undefined;
  const dialect = csvDialect(head);
  // One column cannot be told from running text; there the name decides.
  if (dialect.columns === 1 || dialect.evenness < 0.8) return undefined;
  return `${dialect.columns} columns with ${delimiterWords[dialect.delimiter] ?? dialect.delimiter} between them`;
}

const sniffedBytes = 64 * 1024;

async function* read(source: ByteSource, options: FileReadOptions): AsyncIterable<FileBatch> {
  const dialect = csvDialect(decodeHead(await source.head(sniffedBytes), options.encoding));
  if (dialect.columns > 1) {
    const words = delimiterWords[dialect.delimiter] ?? dialect.delimiter;
    options.note?.({ what: "layout", value: dialect.delimiter, message: `Read as cells with ${words} between them.` });
  }
  const progress = { bytesRead: 0 };
  yield* inBatches(utf8Chunks(source, options, progress), progress, (sink) => new CsvReader(dialect, options, sink));
}
