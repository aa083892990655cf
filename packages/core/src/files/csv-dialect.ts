import { splitCells } from "./csv-cells.ts";

/** How one table is written. */
export interface CsvDialect {
  readonly delimiter: string;
  /** `\n` stands for `\r\n` too: a `\r` before it belongs to the line end. */
  readonly lineEnd: "\n" | "\r";
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
 */
export function csvDialect(head: string): CsvDialect {
  const lineEnd = firstLineEnd(head);
  const dialects = Object.keys(delimiterWords).map((delimiter): CsvDialect => {
    const widths = firstRows(head, delimiter, lineEnd).map((row) => splitCells(row, delimiter).cells.length);
    const columns = widths[0] ?? 1;
    return { delimiter, lineEnd, columns, evenness: widths.filter((width) => width === columns).length / Math.max(widths.length, 1) };
  });
  const wide = dialects.filter((dialect) => dialect.columns > 1);
  const [best] = wide.sort((a, b) => b.evenness - a.evenness || b.columns - a.columns);
  return best ?? dialects[0] ?? { delimiter: ",", lineEnd, columns: 1, evenness: 0 };
}

const sniffedRows = 100;

/** A quote opens a quoted cell only where a cell can begin. */
function firstLineEnd(head: string): "\n" | "\r" {
  const quotedOrEnd = /(?:^|[,;\t|])"(?:[^"]|"")*"|\r\n|\n|\r/g;
  for (const [found] of head.matchAll(quotedOrEnd)) {
    if (found === "\r") return "\r";
    if (found === "\n" || found === "\r\n") return "\n";
  }
  return "\n";
}

/** The first rows as text; the last one is left out where more than one is there, as the head may cut it. */
function firstRows(head: string, delimiter: string, lineEnd: string): readonly string[] {
  const rows: string[] = [];
  let from = 0;
  while (rows.length < sniffedRows && from < head.length) {
    const end = endOfRow(head, from, delimiter, lineEnd);
    const row = head.slice(from, end).replace(/\r$/, "");
    if (row !== "") rows.push(row);
    from = end + 1;
  }
  return rows.length > 1 && from > head.length ? rows.slice(0, -1) : rows;
}

function endOfRow(head: string, from: number, delimiter: string, lineEnd: string): number {
  let at = from;
  while (at < head.length) {
    if (head[at] === '"') {
      const close = closingQuote(head, at);
      // A quote that never closes here says nothing about the delimiter: take the line as it is.
      if (close === -1) break;
      at = close + 1;
    }
    while (at < head.length && head[at] !== delimiter && head[at] !== lineEnd) at++;
    if (head[at] === lineEnd) return at;
    at++;
  }
  const end = head.indexOf(lineEnd, from);
  return at >= head.length || end === -1 ? head.length : end;
}

function closingQuote(head: string, at: number): number {
  let close = head.indexOf('"', at + 1);
  while (close !== -1 && head[close + 1] === '"') close = head.indexOf('"', close + 2);
  return close;
}
