/** How one table is written. */
export interface CsvDialect {
  readonly delimiter: string;
  /** `\n` stands for `\r\n` too: a `\r` before it belongs to the line end. */
  readonly lineEnd: "\n" | "\r";
  /** A quote that does not enclose its whole cell is text: so do tables with tabs, where cells hardly ever need quotes. */
  readonly looseQuotes: boolean;
  /** Cells of the first row. */
  readonly columns: number;
  /** The share of the first rows that have as many cells as the first, 0 to 1. */
  readonly evenness: number;
}

/** The delimiters that are looked for, in words. */
export const delimiterWords: Readonly<Record<string, string>> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

/**
 * Finds the delimiter and the line end from the start of a table.
 *
 * The line end is the first one outside quotes, so a lone `\r` inside a cell stays in it. The delimiter is the one that cuts most rows
 * into as many cells as the first row; between equals, the one that makes more of them.
 *
 * @param among - The delimiters to choose from. @defaultValue all of them
 */
export function csvDialect(head: string, among: readonly string[] = Object.keys(delimiterWords)): CsvDialect {
  const plain = withoutQuoted(head, among);
  const lineEnd = /\r?\n|\r/.exec(plain)?.[0] === "\r" ? "\r" : "\n";
  const rows = firstRows(plain, lineEnd);
  const dialects = among.map((delimiter): CsvDialect => {
    const widths = rows.map((row) => row.split(delimiter).length);
    const columns = widths[0] ?? 1;
    const evenness = widths.filter((width) => width === columns).length / Math.max(widths.length, 1);
    return { delimiter, lineEnd, looseQuotes: delimiter === "\t", columns, evenness };
  });
  const wide = dialects.filter((dialect) => dialect.columns > 1);
  const [best] = wide.sort((a, b) => b.evenness - a.evenness || b.columns - a.columns);
  return best ?? dialects[0] ?? { delimiter: ",", lineEnd, looseQuotes: false, columns: 1, evenness: 0 };
}

const sniffedRows = 100;

/** Puts a letter for every quoted cell, and ends before one that does not close: what is left are cells and what separates them. */
function withoutQuoted(head: string, among: readonly string[]): string {
  // With tabs alone quotes are loose: one that does not close its cell is text.
  if (among.every((delimiter) => delimiter === "\t")) return head.replace(/(^|[\t\r\n])"(?:[^"]|"")*"(?=[\t\r\n]|$)/g, "$1x");
  const plain = head.replace(/(^|[,;\t|\r\n])"(?:[^"]|"")*"/g, "$1x");
  const open = plain.search(/(?:^|[,;\t|\r\n])"/);
  return open === -1 ? plain : plain.slice(0, open);
}

/** The last row is left out where others are there, as the head may have cut it. */
function firstRows(plain: string, lineEnd: string): readonly string[] {
  const rows = plain.split(lineEnd).map((row) => row.replace(/\r$/, ""));
  const whole = rows.length > 1 ? rows.slice(0, -1) : rows;
  const filled = whole.filter((row) => row !== "").slice(0, sniffedRows);
  return filled.length > 0 ? filled : rows.slice(-1);
}
