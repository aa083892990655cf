import { normalizeText } from "./normalize.ts";

/** A maximal run of ASCII letters, digits and underscores, or of anything beyond ASCII. */
const WORD = /[0-9A-Za-z_\u0080-\u{10ffff}]+/gu;

/**
 * Cuts a text into words, lower-cased, in order: the one definition that rules, scores and similarity share.
 *
 * Emoji and the characters of scripts without spaces are words of their own. Linear in the text.
 *
 * @example
 * words("gm, World 🎀"); // ["gm", "world", "🎀"]
 */
export function words(text: string): string[] {
  return normalizeText(text).toLowerCase().match(WORD) ?? [];
}

/** True when a text holds at least one word; stops at the first. */
export function hasWords(text: string): boolean {
  return /[0-9A-Za-z_]/.test(text) || (/[^\x00-\x7f]/.test(text) && words(text).length > 0);
}

/** The number of Unicode code points, which is what every stored offset counts. */
export function codePointLength(text: string): number {
  let length = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) {
      length--;
      i++;
    }
  }
  return length;
}

/** The part of a text between two code-point offsets, end exclusive; offsets beyond the text are cut off. */
export function codePointSlice(text: string, start: number, end: number): string {
  if (!/[\ud800-\udfff]/.test(text)) return text.slice(Math.max(0, start), Math.max(0, end));
  return Array.from(text).slice(Math.max(0, start), Math.max(0, end)).join("");
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
