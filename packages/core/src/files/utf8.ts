/**
 * The number of bytes at the end of `bytes` that only begin a character: 0 to 5.
 *
 * An encoded high surrogate (CESU-8) counts as begun until its low surrogate is there, so a pair is never cut in two.
 */
export function unfinishedTail(bytes: Uint8Array): number {
  const size = bytes.length;
  let tail = 0;
  for (let back = 1; back <= 3 && back <= size; back++) {
    const byte = bytes[size - back] ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    if (sequenceLength(byte) > back) tail = back;
    break;
  }
  return isSurrogate(bytes, size - tail - 3, 0xa0) ? tail + 3 : tail;
}

/** The index of the first byte at or after `from` that does not continue valid UTF-8, or the length of `bytes`. */
export function firstFault(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(lead);
    if (length === 0 || !followsLead(lead, bytes[at + 1] ?? 0)) return at;
    for (let next = 2; next < length; next++) if (!isContinuation(bytes[at + next] ?? 0)) return at;
    at += length;
  }
  return bytes.length;
}

/**
 * The character above U+FFFF written as two three-byte surrogates at this place, or nothing.
 *
 * @see {@link https://www.unicode.org/reports/tr26/ | Unicode technical report 26, CESU-8}
 */
export function cesuPairAt(bytes: Uint8Array, at: number): string | undefined {
  if (!isSurrogate(bytes, at, 0xa0) || !isSurrogate(bytes, at + 3, 0xb0)) return undefined;
  return String.fromCharCode(surrogateAt(bytes, at), surrogateAt(bytes, at + 3));
}

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

/** Table 3-7 of the Unicode standard: overlong forms, surrogates and code points above 10FFFF show in the second byte. */
function followsLead(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0 && second <= 0xbf;
  if (lead === 0xed) return second >= 0x80 && second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90 && second <= 0xbf;
  if (lead === 0xf4) return second >= 0x80 && second <= 0x8f;
  return isContinuation(second);
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** `half` is 0xA0 for the high and 0xB0 for the low surrogates. */
function isSurrogate(bytes: Uint8Array, at: number, half: number): boolean {
  return at >= 0 && bytes[at] === 0xed && ((bytes[at + 1] ?? 0) & 0xf0) === half && isContinuation(bytes[at + 2] ?? 0);
}

function surrogateAt(bytes: Uint8Array, at: number): number {
  return 0xd000 | (((bytes[at + 1] ?? 0) & 0x3f) << 6) | ((bytes[at + 2] ?? 0) & 0x3f);
}
