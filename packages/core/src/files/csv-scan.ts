/** Finds where rows end in bytes that arrive in pieces; it remembers how far it looked, so no byte is looked at twice. */
export interface RowScanner {
  /** The place of the line end of the row that begins at `from`, or -1 where it has not come yet. */
  endOfRow(bytes: Buffer, from: number): number;
  /** True while the unfinished row is inside a quoted cell. */
  isQuoted(): boolean;
  /** The next bytes begin where `count` bytes of the last ones were cut off. */
  moved(count: number): void;
  reset(): void;
}

/** Where the scan of an unfinished row stands. */
type CellState = "start" | "plain" | "quoted" | "after-quote";

export function rowScanner(delimiter: number, lineEnd: number): RowScanner {
  let state: CellState = "start";
  let scanned = 0;
  /** The next quote at or after the place last looked at; -1 where these bytes hold none further. */
  let nextQuote = -2;

  /** Walks the cells of a row that holds a quote. */
  const walk = (bytes: Buffer, from: number): number => {
    let at = from;
    while (at < bytes.length) {
      if (state === "quoted") {
        const close = bytes.indexOf(quote, at);
        at = close === -1 ? bytes.length : close + 1;
        if (close !== -1) state = "after-quote";
        continue;
      }
      const byte = bytes[at++];
      if (byte === lineEnd) return at - 1;
      if (byte === quote && state !== "plain") state = "quoted";
      else state = byte === delimiter ? "start" : "plain";
    }
    return -1;
  };

  return {
    endOfRow(bytes, from) {
      const begins = Math.max(from, scanned);
      if (nextQuote !== -1 && nextQuote < begins) nextQuote = bytes.indexOf(quote, begins);
      const end = state === "quoted" ? -1 : bytes.indexOf(lineEnd, begins);
      const isPlain = state !== "quoted" && state !== "after-quote" && (nextQuote === -1 || (end !== -1 && end < nextQuote));
      const found = isPlain ? end : walk(bytes, begins);
      if (found === -1) scanned = bytes.length;
      if (found !== -1 || (isPlain && bytes.length > begins)) state = found === -1 ? endState(bytes, delimiter) : "start";
      return found;
    },
    isQuoted: () => state === "quoted",
    moved(count) {
      scanned = Math.max(0, scanned - count);
      nextQuote = -2;
    },
    reset() {
      state = "start";
      scanned = 0;
      nextQuote = -2;
    },
  };
}

const quote = 0x22;

/** Of a row without quotes so far. */
function endState(bytes: Buffer, delimiter: number): CellState {
  return bytes.at(-1) === delimiter ? "start" : "plain";
}
