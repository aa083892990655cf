import { TilthError } from "../errors.ts";
import { searchWords } from "./search-words.ts";

/** A word, or several that stand one after the other. */
export type Phrase = readonly string[];

/** What a search looks for. */
export interface SearchQuery {
  /** All of them must stand in an example. */
  readonly wanted: readonly Phrase[];
  /** None of them may. */
  readonly unwanted: readonly Phrase[];
}

/** Beyond that the index takes seconds to read the question. */
const MOST_WORDS = 1_000;
const QUOTES = /[“”„‟＂]/g;
/** `-"a phrase"`, `-word`, and both without the minus; a quote that is not closed reaches to the end. */
const TERM = /(-?)(?:"([^"]*)"?|([^\s"]+))/g;

/**
 * Reads what somebody typed: words that must all occur, `"words in this order"`, `-word` for what must not.
 *
 * Nothing is wrong here: what is no word is left out. A word such as `don't` or `参议院`, which the index holds as several, is a phrase.
 *
 * @throws {@link TilthError} `input/invalid` for more than 1,000 words.
 */
export function parseSearch(text: string): SearchQuery {
  const wanted: Phrase[] = [];
  const unwanted: Phrase[] = [];
  let words = 0;
  for (const [, minus, quoted, plain = ""] of text.replaceAll(QUOTES, '"').matchAll(TERM)) {
    const phrase = searchWords(quoted ?? plain);
    if (phrase.length === 0) continue;
    words += phrase.length;
    (minus === "-" ? unwanted : wanted).push(phrase);
  }
  if (words > MOST_WORDS)
    throw new TilthError("input/invalid", { where: "search", problem: `it has ${words} words; at most ${MOST_WORDS} are looked for` });
  return { wanted, unwanted };
}
