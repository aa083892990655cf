import { asciiBytes } from "../text/ascii.ts";
import { normalizeText } from "../text/normalize.ts";
import { type Print, newPrint, printUnits } from "./kernels/freshness-words.ts";

/** One for all texts: what is kept of it is copied. */
const print = newPrint();
let units = new Uint16Array(1_024);

/**
 * A text as hashes of its words and phrases. The next call overwrites it.
 *
 * @see `words` in text/words.ts for what a word is.
 */
export function printOf(text: string): Print {
  const bytes = asciiBytes(text);
  if (bytes !== undefined) printUnits(bytes, text.length, print);
  else {
    const normal = normalizeText(text).toLowerCase();
    if (units.length < normal.length) units = new Uint16Array(2 * normal.length);
    for (let i = 0; i < normal.length; i++) units[i] = normal.charCodeAt(i);
    printUnits(units, normal.length, print);
  }
  return print;
}
