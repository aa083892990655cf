import type { Content } from "../schema/content.ts";
import type { Place } from "../schema/sides.ts";
import { wordHashes } from "../text/word-hashes.ts";
import { allTexts } from "./texts.ts";

/** What several rules read of the same example, worked out once for all of them. */
export interface Memo {
  texts: readonly Place[] | undefined;
  /** Of the last two texts asked for: a prompt and its reply. */
  newer: Hashed;
  older: Hashed;
}

interface Hashed {
  readonly text: string;
  readonly hashes: readonly number[];
}

const empty: Hashed = { text: "", hashes: [] };

export function newMemo(): Memo {
  return { texts: undefined, newer: empty, older: empty };
}

/** Before the next example. */
export function clearMemo(memo: Memo): void {
  memo.texts = undefined;
  memo.newer = empty;
  memo.older = empty;
}

/** @see {@link allTexts} */
export function textsOf(content: Content, memo: Memo | undefined): readonly Place[] {
  if (memo === undefined) return allTexts(content);
  return (memo.texts ??= allTexts(content));
}

/** @see {@link wordHashes} */
export function hashedWords(text: string, memo: Memo | undefined): readonly number[] {
  if (memo === undefined) return wordHashes(text);
  if (memo.newer.text === text) return memo.newer.hashes;
  if (memo.older.text === text) return memo.older.hashes;
  memo.older = memo.newer;
  memo.newer = { text, hashes: wordHashes(text) };
  return memo.newer.hashes;
}
