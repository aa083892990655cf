/** Finds where rows end in bytes that arrive in pieces; it remembers how far it looked, so no byte is looked at twice. */
export interface RowScanner {
  /** The place of the line end of the row that begins at `from`, or -1 where it has not come yet. */
  endOfRow(bytes: Buffer, from: number): number;
  /** True while the unfinished row is inside a quoted cell. */
  isQuoted(): boolean;
  /** The next bytes begin where `count` bytes of the last ones were cut off. */
  moved(count: number): void;
  reset(): void;
  /** Takes the quote that is open for text, and goes on behind it. */
  takeAsText(): void;
}

/** Where the scan of an unfinished row stands; `after-return` may only be followed by the line end where quotes are loose. */
type CellState = "start" | "plain" | "quoted" | "after-quote" | "after-return";

/** @param looseQuotes - A quoted cell is one only if delimiter or line end follow its closing quote, else its quotes are text. */
export function rowScanner(delimiter: number, lineEnd: number, looseQuotes = false): RowScanner {
  let state: CellState = "start";
  let scanned = 0;
  /** Where the quoted cell begins. */
  let openedAt = 0;
  /** The next quote at or after the place last looked at; -1 where these bytes hold none further. */
  let nextQuote = -2;

  const isLoose = (byte: number | undefined): boolean => {
    if (!looseQuotes || byte === lineEnd) return false;
    if (state === "after-quote") return byte !== delimiter && byte !== quote && byte !== carriageReturn;
    return state === "after-return";
  };

  const after = (byte: number | undefined): CellState => {
    if (byte === quote && state !== "plain") return "quoted";
    if (looseQuotes && byte === carriageReturn && state === "after-quote") return "after-return";
    return byte === delimiter ? "start" : "plain";
  };

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
      const byte = bytes[at];
      if (byte === lineEnd) return at;
      if (isLoose(byte)) {
        // What lies behind the quote was looked at as its cell and is looked at again.
        at = openedAt;
        state = "plain";
        nextQuote = -2;
      } else {
        if (byte === quote && state === "start") openedAt = at;
        state = after(byte);
      }
      at++;
    }
    return -1;
  };

  return {
    endOfRow(bytes, from) {
      const begins = Math.max(from, scanned);
      if (nextQuote !== -1 && nextQuote < begins) nextQuote = bytes.indexOf(quote, begins);
      const inPlain = state === "start" || state === "plain";
      const end = state === "quoted" ? -1 : bytes.indexOf(lineEnd, begins);
      const isPlain = inPlain && (nextQuote === -1 || (end !== -1 && end < nextQuote));
      const found = isPlain ? end : walk(bytes, begins);
      scanned = found === -1 ? bytes.length : 0;
      if (found !== -1 || (isPlain && bytes.length > begins)) state = found === -1 ? endState(bytes, delimiter) : "start";
      return found;
    },
    isQuoted: () => state === "quoted",
    moved(count) {
      scanned = Math.max(0, scanned - count);
      openedAt -= count;
      nextQuote = -2;
    },
    reset() {
      state = "start";
      scanned = 0;
      nextQuote = -2;
    },
    takeAsText() {
      state = "plain";
      scanned = openedAt + 1;
      nextQuote = -2;
    },
  };
}

const quote = 0x22;
const carriageReturn = 0x0d;

/** Of a row without quotes so far. */
function endState(bytes: Buffer, delimiter: number): CellState {
  return bytes.at(-1) === delimiter ? "start" : "plain";
}
