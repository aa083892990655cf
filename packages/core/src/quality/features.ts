import type { JsonObject } from "../schema/json.ts";
import { isAscii } from "../text/normalize.ts";
import { codePointLength } from "../text/words.ts";

/**
 * What can be seen in the text of a post, by document 1's names: emoji, mentions, hashtags, ASCII art, thread, counts.
 *
 * Links, questions and numbers are ours and count towards diversity like the others. Its `tone` cannot be seen and is only ever given.
 * Linear in the text.
 *
 * @see Document 1, "Sample Format".
 */
export function postFeatures(text: string, wordCount: number): JsonObject {
  const emoji = emojiIn(text);
  const plain = text.replaceAll(LINK, " ");
  const mentions = distinct(plain.matchAll(MENTION));
  return {
    has_emoji: emoji.length > 0,
    emoji_list: emoji,
    has_ascii_art: hasAsciiArt(text),
    has_thread: THREAD.test(text),
    has_mentions: mentions.length > 0,
    mention_list: mentions,
    has_hashtags: HASHTAG.test(plain),
    has_link: LINK_AT_ALL.test(text),
    has_question: /[?？]/.test(plain),
    has_number: /\p{Nd}/u.test(plain),
    word_count: wordCount,
    char_count: codePointLength(text),
  };
}

/** Bounded, so that no text makes it slow. */
const LINK = /\b(?:https?:\/\/|www\.)\S{1,2000}/gi;
const LINK_AT_ALL = /\b(?:https?:\/\/|www\.)\S/i;
/** Not the host of an address: nothing that belongs to a word may stand before it. */
const MENTION = /(?<![\p{L}\p{N}_.@/])@[A-Za-z0-9_]{1,50}/gu;
const HASHTAG = /(?<![\p{L}\p{N}_&/])#(?=[\p{L}\p{N}_]*\p{L})[\p{L}\p{N}_]{1,100}/u;
/** `1/5`, `(2/n)`, a spool of thread, or the word after which one follows. */
const THREAD = /(?:^|\s)\(?\d{1,2}\/(?:\d{1,2}|n)\)?(?:\s|$)|🧵|\bthread\s*(?:[:👇]|$)/iu;
const EMOJI = /\p{RGI_Emoji}/gv;

/** The different emoji of a text in the order they appear. */
function emojiIn(text: string): readonly string[] {
  // The pattern of all sequences is slow, and every emoji lies beyond ASCII.
  return isAscii(text) ? [] : distinct(text.matchAll(EMOJI));
}

function distinct(matches: Iterable<RegExpExecArray>): string[] {
  return [...new Set(Array.from(matches, ([match]) => match))];
}

/** Box drawing and blocks, or two lines that are mostly strokes of several sorts: a ruled line is none. */
function hasAsciiArt(text: string): boolean {
  return /[\u2500-\u259f]{2}/.test(text) || text.split("\n").filter(isDrawn).length >= 2;
}

function isDrawn(line: string): boolean {
  const strokes = line.match(/[/\\|_()<>~^=+*-]/g) ?? [];
  const letters = line.match(/[\p{L}\p{N}]/gu) ?? [];
  return strokes.length >= 3 && strokes.length > 2 * letters.length && new Set(strokes).size > 1;
}
