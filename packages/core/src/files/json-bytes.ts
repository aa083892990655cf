/** The bytes JSON is built of. */
export const byteOf = {
  newline: 0x0a,
  quote: 0x22,
  comma: 0x2c,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** True for the four bytes that JSON calls white space. */
export function isJsonSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The place of the next quote, backslash or line break: what stands before it in a string is plain. */
export function endOfPlain(bytes: Uint8Array, from: number): number {
  const size = bytes.length;
  let at = from;
  // One look-up a byte instead of three comparisons.
  while (at < size && special[bytes[at] ?? 0] === 0) at++;
  return at;
}

const special = new Uint8Array(256);
for (const byte of [byteOf.quote, byteOf.backslash, byteOf.newline]) special[byte] = 1;

/** The key at the end of an unfinished JSON text that stops where the value of that key begins. */
export function lastKey(text: string): string | undefined {
  const key = /"(?:[^"\\]|\\.)*"(?=[ \t\r\n]*:[ \t\r\n]*$)/s.exec(text)?.[0];
  if (key === undefined) return undefined;
  try {
    const name: unknown = JSON.parse(key);
    return typeof name === "string" ? name : undefined;
  } catch {
    // A key with a bad escape names nothing; the frame it stands in is refused as a whole at the end.
    return undefined;
  }
}
