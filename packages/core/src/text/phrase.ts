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
  if (!mayHold(text, first)) return false;
  return ` ${words(text).join(" ")} `.includes(` ${wanted.join(" ")} `);
}

/** Characters that normalising takes out of the middle of a word. */
const INVISIBLE = /[\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f\ufeff]/;

/** Most texts stop here: cutting a text into words costs several times as much as looking for one of them. */
function mayHold(text: string, word: string): boolean {
  if (isAscii(text)) return text.toLowerCase().includes(word);
  return text.normalize("NFKC").toLowerCase().includes(word) || INVISIBLE.test(text);
}
