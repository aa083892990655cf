/** The cells of one row without its line end; `isClean` is false where text follows a closing quote, or a quote never closes. */
export interface CsvCells {
  readonly cells: readonly string[];
  readonly isClean: boolean;
}

/**
 * Cuts a row into its cells. A quote opens a quoted cell only at its start, elsewhere it is text: `12" pizza`.
 *
 * @param looseQuotes - A cell that does not end with its closing quote is text as it stands, so every row is clean.
 */
export function splitCells(row: string, delimiter: string, looseQuotes = false): CsvCells {
  if (!row.includes('"')) return { cells: row.split(delimiter), isClean: true };
  const cells: string[] = [];
  let isClean = true;
  let at = 0;
  for (;;) {
    let quoted = "";
    const close = row.charCodeAt(at) === quoteUnit ? closingQuote(row, at + 1) : -1;
    if (close !== -1 && (!looseQuotes || endsCell(row, close, delimiter))) {
      isClean &&= close < row.length;
      const text = row.slice(at + 1, close);
      quoted = text.includes('"') ? text.replaceAll('""', '"') : text;
      at = close + 1;
    }
    const end = row.indexOf(delimiter, at);
    const rest = row.slice(at, end === -1 ? row.length : end);
    isClean &&= rest === "" || quoted === "";
    cells.push(rest === "" ? quoted : quoted + rest);
    if (end === -1) return { cells, isClean };
    at = end + 1;
  }
}

const quoteUnit = 0x22;

function endsCell(row: string, close: number, delimiter: string): boolean {
  return close === row.length - 1 || (close < row.length && row.startsWith(delimiter, close + 1));
}

/** The place of the quote that ends a cell, or the length of the row. */
function closingQuote(row: string, from: number): number {
  let close = row.indexOf('"', from);
  while (close !== -1 && row.charCodeAt(close + 1) === quoteUnit) close = row.indexOf('"', close + 2);
  return close === -1 ? row.length : close;
}
