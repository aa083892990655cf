import { foldCase } from "./fold-case.ts";
import { isAscii } from "./normalize.ts";
import { words } from "./words.ts";

/**
 * True when the words of the phrase stand in the text one after the other, as whole words in any case.
 *
 * What lies between words does not count: `big cat` is in `A BIG, cat!`, not in `bigger cats`. A phrase without words is in no text.
 * Linear in the text.
 *
 * @see {@link words} for what a word is.
 */
export function hasPhrase(text: string, phrase: string): boolean {
  const wanted = words(phrase);
  const [first] = wanted;
  if (first === undefined) return false;
  // Most rows stop here; beyond ASCII a normalised word need not be a piece of its text.
  if (isAscii(text) && !foldCase(text).includes(first)) return false;
  return ` ${words(text).join(" ")} `.includes(` ${wanted.join(" ")} `);
}
