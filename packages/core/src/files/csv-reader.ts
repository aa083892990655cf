import type { FileReadOptions } from "../schema/file-kind.ts";
import { rawText } from "./batches.ts";
import type { RecordReader, RecordSink, Unfinished } from "./batches.ts";
import { splitCells } from "./csv-cells.ts";
import { csvColumns, csvRow } from "./csv-columns.ts";
import type { CsvColumns } from "./csv-columns.ts";
import type { CsvDialect } from "./csv-dialect.ts";
import { rowScanner } from "./csv-scan.ts";

/**
 * Cuts the bytes of a table into rows and the rows into records.
 *
 * A row may take 16 MB. Where a quote is opened and does not close within that, or before the file ends, its line alone is refused if what
 * follows looks like rows; else it is the last one. Where the dialect has loose quotes, that quote is text.
 */
export class CsvReader implements RecordReader {
  readonly #dialect: CsvDialect;
  readonly #options: FileReadOptions;
  readonly #sink: RecordSink;
  readonly #lineByte: number;
  readonly #scan: ReturnType<typeof rowScanner>;
  #columns: CsvColumns | undefined;
  /** Bytes from the start of the current row on. */
  #held: Buffer = Buffer.alloc(0);
  #line = 1;
  /** The rest of a row that is too long is passed over up to its line end. */
  #isSkipping = false;
  #over = false;

  constructor(dialect: CsvDialect, options: FileReadOptions, sink: RecordSink) {
    this.#dialect = dialect;
    this.#options = options;
    this.#sink = sink;
    this.#lineByte = dialect.lineEnd.charCodeAt(0);
    this.#scan = rowScanner(dialect.delimiter.charCodeAt(0), this.#lineByte, dialect.looseQuotes);
  }

  push(bytes: Buffer): void {
    if (this.#over) return;
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#readRows();
    if (this.#held.length > rowLimitBytes && !this.#over) this.#refuseLong();
  }

  end(): void {
    if (this.#over || this.#held.length === 0) return;
    while (!this.#over && this.#scan.isQuoted()) this.#endOpenQuote("before the file ends");
    if (!this.#over && !this.#isSkipping) this.#readRow(this.#held);
  }

  unfinished(): Unfinished | undefined {
    return this.#over ? undefined : { line: this.#line, raw: rawText(this.#held) };
  }

  #readRows(): void {
    let from = 0;
    while (!this.#over) {
      const end = this.#isSkipping ? this.#held.indexOf(this.#lineByte, from) : this.#scan.endOfRow(this.#held, from);
      if (end === -1) break;
      if (!this.#isSkipping) this.#readRow(this.#held.subarray(from, end));
      this.#line += this.#isSkipping ? 1 : linesIn(this.#held, from, end, this.#lineByte);
      this.#isSkipping = false;
      from = end + 1;
    }
    this.#held = this.#isSkipping ? Buffer.alloc(0) : this.#held.subarray(from);
    this.#scan.moved(from);
  }

  #readRow(bytes: Buffer): void {
    const hasReturn = this.#dialect.lineEnd === "\n" && bytes.at(-1) === carriageReturn;
    const row = bytes.toString("utf8", 0, hasReturn ? bytes.length - 1 : bytes.length);
    if (row === "") return;
    const line = this.#line;
    const { cells, isClean } = splitCells(row, this.#dialect.delimiter, this.#dialect.looseQuotes);
    const refuse = (problem: string): void => this.#sink({ problem: `line ${line} ${problem}`, line, raw: rawText(bytes) }, bytes.length);

    if (this.#columns === undefined) {
      if (cells.length > columnLimit || !isClean) {
        this.#over = true;
        return refuse(
          isClean
            ? `has ${cells.length} columns, more than ${columnLimit} are not read`
            : "names the columns but has text after a closing quote",
        );
      }
      this.#columns = csvColumns(cells, this.#options);
      if (this.#options.headless !== true) return;
    }
    if (!isClean) return refuse("has text after a closing quote");
    const expected = this.#columns.names.length;
    if (cells.length !== expected) return refuse(`has ${count(cells.length, "cell")} where ${count(expected, "column")} are named`);
    this.#sink({ value: csvRow(this.#columns, cells), line }, bytes.length);
  }

  #refuseLong(): void {
    if (this.#scan.isQuoted()) return this.#endOpenQuote("within 16 MB");
    this.#sink({ problem: `line ${this.#line} is longer than 16 MB`, line: this.#line, raw: rawText(this.#held) }, this.#held.length);
    this.#line += linesIn(this.#held, 0, this.#held.length, this.#lineByte) - 1;
    this.#isSkipping = true;
    this.#held = Buffer.alloc(0);
    this.#scan.reset();
  }

  #endOpenQuote(where: string): void {
    if (!this.#dialect.looseQuotes) return this.#refuseOpenQuote(where);
    this.#scan.takeAsText();
    this.#readRows();
  }

  #refuseOpenQuote(where: string): void {
    const next = this.#held.indexOf(this.#lineByte) + 1;
    const goesOn = next > 0 && this.#looksLikeRows(this.#held.toString("utf8", next, Math.min(this.#held.length, next + sniffedBytes)));
    const raw = rawText(goesOn ? this.#held.subarray(0, next) : this.#held);
    const consequence = goesOn ? "this line is left out" : "the rest of the file cannot be read";
    const problem = `line ${this.#line} opens a quote that does not close ${where}: ${consequence}`;
    this.#sink({ problem, line: this.#line, raw }, raw.length);
    this.#over = !goesOn;
    if (this.#over) return;
    this.#line++;
    this.#held = this.#held.subarray(next);
    this.#scan.reset();
    this.#readRows();
  }

  /** Running text rarely has the delimiter as often as the header in four lines of five. */
  #looksLikeRows(text: string): boolean {
    const expected = this.#columns?.names.length ?? 1;
    const lines = text.split(this.#dialect.lineEnd, sniffedLines).filter((line) => line.trim() !== "");
    const fitting = lines.filter((line) => splitCells(line, this.#dialect.delimiter).cells.length === expected);
    return expected > 1 && fitting.length > 0 && fitting.length >= 0.8 * lines.length;
  }
}

const rowLimitBytes = 16 * 1024 * 1024;
const columnLimit = 10_000;
const sniffedBytes = 64 * 1024;
const sniffedLines = 100;
const carriageReturn = 0x0d;

function linesIn(bytes: Buffer, from: number, end: number, lineByte: number): number {
  let lines = 1;
  for (let at = bytes.indexOf(lineByte, from); at !== -1 && at < end; at = bytes.indexOf(lineByte, at + 1)) lines++;
  return lines;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
