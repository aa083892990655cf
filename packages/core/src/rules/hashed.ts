import { wordHashes } from "../text/word-hashes.ts";

/** Texts and their hashes, the newer one first. */
let kept: readonly { readonly text: string; readonly hashes: readonly number[] }[] = [];

/**
 * The word hashes of a text, kept for the last two texts: several rules look at the same prompt and reply, one after the other.
 *
 * @see {@link wordHashes}
 */
export function hashedWords(text: string): readonly number[] {
  for (const entry of kept) if (entry.text === text) return entry.hashes;
  const hashes = wordHashes(text);
  kept = [{ text, hashes }, ...kept.slice(0, 1)];
  return hashes;
}
