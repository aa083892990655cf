/** Numbers of word pieces, one text behind the other; grows as it is filled. */
export interface PieceList {
  pieces: Int32Array;
  count: number;
}

/** Remembers which pieces a word has. */
export interface WordCache {
  /** Puts the pieces of the word, the first `length` bytes of `word`, behind those in the list. */
  append(word: Uint8Array, length: number, hash: number, list: PieceList): void;
}

/** Words that are remembered; when there are more, all are forgotten and the cache begins anew. */
const MOST_WORDS = 65_536;
/** Four slots a word: short runs of taken ones. */
const SLOTS = 4 * MOST_WORDS;
const MOST_BYTES = 1 << 20;
const MOST_PIECES = 1 << 19;

/**
 * A table of words as bytes, so that cutting a text makes no strings: about 6 MB, however many words pass by.
 *
 * @param find - Gives the pieces of a word that is not remembered.
 */
export function createWordCache(find: (word: string) => readonly number[]): WordCache {
  /** Entry of the word in each slot; 0 is free. */
  const slots = new Int32Array(SLOTS);
  const hashes = new Int32Array(MOST_WORDS);
  const byteEnds = new Int32Array(MOST_WORDS);
  const pieceEnds = new Int32Array(MOST_WORDS);
  const bytes = Buffer.alloc(MOST_BYTES);
  const pieces = new Int32Array(MOST_PIECES);
  /** Entry 0 stands for no word, so that each begins where the one before it ends. */
  let last = 0;

  return { append };

  function append(word: Uint8Array, length: number, hash: number, list: PieceList): void {
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (let entry = slots[slot] ?? 0; entry !== 0; entry = slots[slot] ?? 0) {
      if (hashes[entry] === hash && holds(entry, word, length)) {
        const start = pieceEnds[entry - 1] ?? 0;
        appendTo(list, pieces, start, pieceEnds[entry] ?? start);
        return;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    const found = Int32Array.from(find(Buffer.from(word.buffer, word.byteOffset, length).toString()));
    remember(slot, hash, word.subarray(0, length), found);
    appendTo(list, found, 0, found.length);
  }

  function holds(entry: number, word: Uint8Array, length: number): boolean {
    const start = byteEnds[entry - 1] ?? 0;
    if ((byteEnds[entry] ?? 0) - start !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== word[i]) return false;
    return true;
  }

  function remember(slot: number, hash: number, word: Uint8Array, found: Int32Array): void {
    const [byteEnd, pieceEnd] = [byteEnds[last] ?? 0, pieceEnds[last] ?? 0];
    if (last + 1 >= MOST_WORDS || byteEnd + word.length > MOST_BYTES || pieceEnd + found.length > MOST_PIECES) {
      slots.fill(0);
      last = 0;
      return; // The slot belongs to what was forgotten: the word is remembered when it comes again.
    }
    last++;
    slots[slot] = last;
    hashes[last] = hash;
    bytes.set(word, byteEnd);
    byteEnds[last] = byteEnd + word.length;
    pieces.set(found, pieceEnd);
    pieceEnds[last] = pieceEnd + found.length;
  }
}

function appendTo(list: PieceList, from: Int32Array, start: number, end: number): void {
  const needed = list.count + end - start;
  if (needed > list.pieces.length) {
    const larger = new Int32Array(Math.max(needed, 2 * list.pieces.length));
    larger.set(list.pieces.subarray(0, list.count));
    list.pieces = larger;
  }
  for (let i = start; i < end; i++) list.pieces[list.count++] = from[i] ?? 0;
}
