import { isAscii } from "../text/normalize.ts";

const ACCENTS = /\p{Mn}/gu;
/** What BERT drops before it cuts: controls, formats, unassigned and private characters, lone surrogates; tab and line ends stay. */
const DROPPED = /(?![\t\n\r])[\p{C}\ufffd]/gu;

/**
 * Lower case, without accents and without invisible characters: the form that pieces and grams are cut from.
 *
 * ASCII text is only lower-cased. Linear in the text, lone surrogates are dropped.
 */
export function plainText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  // Accents go first: thousands of them behind one letter would be put in order one by one.
  return text.replaceAll(ACCENTS, "").toLowerCase().normalize("NFD").replaceAll(ACCENTS, "").replaceAll(DROPPED, "");
}
