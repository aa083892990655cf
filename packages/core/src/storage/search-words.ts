import { isJsonObject } from "../schema/json.ts";
import { isAscii, normalizeText } from "../text/normalize.ts";

/** A word of a text as a search compares it, and where it stands: UTF-16 units, end exclusive. */
export interface PlacedWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** What the index takes for a word: letters, marks, numbers and private-use characters, as its tokenizer's `categories` say. */
const WORD = /[\p{L}\p{M}\p{N}\p{Co}]+/gu;
/** Where a word may stand in a text as it was written: of scripts without spaces one character, of others a run, invisible ones included. */
const PLACE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}\p{N}\p{Co}\u00ad\u200b-\u200d\u2060\ufeff])+/gu;

/**
 * Cuts a text into the words that a search compares: lower case, Latin letters without their diacritics.
 *
 * Unlike `words`, an underscore separates and emoji are no words.
 */
export function searchWords(text: string): readonly string[] {
  return fold(normalizeText(text)).match(WORD) ?? [];
}

/** A text as the index takes it: what it takes for a word would otherwise hang on how new its table of characters is. */
export function indexedText(text: string): string {
  return searchWords(text).join(" ");
}

/** Cuts a text into the same words and says where they stand in it as it was written. */
export function* placedWords(text: string): Generator<PlacedWord, void, undefined> {
  for (const { 0: written, index: start } of text.matchAll(PLACE)) {
    for (const word of searchWords(written)) yield { word, start, end: start + written.length };
  }
}

const ACCENTED = /[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]/;

/** As the index folds it: diacritics fall where they stand on an ASCII letter, and a final sigma is a sigma. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  if (isAscii(lower)) return lower;
  const plain = ACCENTED.test(lower)
    ? lower
        .normalize("NFD")
        .replaceAll(/([a-z])[\u0300-\u036f]+/g, "$1")
        .normalize("NFC")
    : lower;
  return plain.replaceAll("ς", "σ");
}

/**
 * What the messages of a row's `body` say beside the texts that stand in its columns. System prompts are left out: every row would be found.
 *
 * @param body - The column; null where the columns hold everything.
 * @param shown - The texts of the columns.
 */
export function earlierTexts(body: string | null, shown: readonly (string | null)[]): readonly string[] {
  if (body === null) return [];
  const content: unknown = JSON.parse(body);
  if (!isJsonObject(content)) return [];
  const { prompt, messages, chosen, rejected, completion } = content;
  const texts = [prompt, messages, chosen, rejected, completion].flatMap((side) => (Array.isArray(side) ? side.flatMap(messageTexts) : []));
  return texts.filter((text) => text !== "" && !shown.includes(text));
}

function messageTexts(message: unknown): readonly string[] {
  if (!isJsonObject(message) || message["role"] === "system") return [];
  const { content, reasoning, toolCalls } = message;
  const calls = Array.isArray(toolCalls) ? toolCalls.flatMap((call) => (isJsonObject(call) ? strings(call["arguments"]) : [])) : [];
  return [...strings(reasoning), ...strings(content), ...calls];
}

function strings(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  return isJsonObject(value) ? Object.values(value).flatMap(strings) : [];
}
