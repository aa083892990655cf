import { isAscii } from "./normalize.ts";

/**
 * Makes texts equal that differ in upper and lower case alone.
 *
 * Character by character, so that a database can do the same with `lower` (ASCII alone) and `replace`: A to Z become a to z; beyond
 * ASCII a character becomes its lower-case form where that is one character beyond ASCII too (so `İ` and the Kelvin sign stay).
 */
export function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.replaceAll(/\p{Changes_When_Lowercased}/gu, foldCharacter);
}

/**
 * The other characters that {@link foldCase} turns into this one, beyond ASCII; empty for ASCII.
 *
 * @param character - One character, folded already.
 */
export function foldedFrom(character: string): readonly string[] {
  variants ??= collectVariants();
  return variants.get(character) ?? [];
}

function foldCharacter(character: string): string {
  const lower = character.toLowerCase();
  if (isAscii(character)) return lower;
  return isAscii(lower) || Array.from(lower).length > 1 ? character : lower;
}

let variants: ReadonlyMap<string, readonly string[]> | undefined;

/** All letters with case lie in the first two planes. */
function collectVariants(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (let code = 0x80; code < 0x20000; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const folded = foldCharacter(character);
    if (folded === character) continue;
    const sources = found.get(folded);
    if (sources === undefined) found.set(folded, [character]);
    else sources.push(character);
  }
  return found;
}
