import { isAscii } from "../text/normalize.ts";
import { plainText } from "./plain-text.ts";
import { type PieceList, type WordCache, createWordCache } from "./word-cache.ts";

/** Cuts texts into the word pieces of a vocabulary. */
export interface WordPieces {
  /** Puts the pieces of a text behind those that are in the list. Linear in the text; what the vocabulary does not know is passed over. */
  append(text: string, list: PieceList): void;
}

/**
 * BERT's uncased WordPiece: lower case, no accents, cut at white space and punctuation, then greedily the longest known piece.
 *
 * A word of which one part is unknown, or of more than 100 characters, is unknown as a whole. Symbols and the ideographs of Chinese are words
 * of their own, so that an emoji does not hide the word it hangs on.
 *
 * @param vocabulary - In the order of the pieces' numbers; what continues a word begins with `##`.
 * @see {@link https://arxiv.org/abs/1810.04805 | Devlin et al. 2019}; WordPiece as in BERT's `tokenization.py`.
 */
export function createWordPieces(vocabulary: readonly string[]): WordPieces {
  const cache = createWordCache(pieceFinder(vocabulary));
  return { append: (text, list) => appendPieces(text, cache, list) };
}

/** Bytes: what they are, and for those of a word what they become. */
const SPACE = 0;
const ALONE = 1;
const DROP = 2;
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => kindOf(byte));

function kindOf(byte: number): number {
  const character = String.fromCharCode(byte);
  if (byte >= 0x80) return byte;
  if (/[\t\n\r ]/.test(character)) return SPACE;
  if (/[0-9A-Za-z]/.test(character)) return character.toLowerCase().charCodeAt(0);
  return byte < 0x20 || byte === 0x7f ? DROP : ALONE;
}

/** Characters; longer words are unknown, as in BERT. */
const LONGEST_WORD = 100;
/** Shorter texts share one buffer: a UTF-16 unit takes at most three bytes. */
const ROOM_UNITS = 16_384;
const room = Buffer.allocUnsafeSlow(3 * ROOM_UNITS);
/** The word that is being read. A character takes at most four bytes. */
const word = new Uint8Array(4 * LONGEST_WORD);

function appendPieces(text: string, cache: WordCache, list: PieceList): void {
  const cut = isAscii(text) ? text : setApart(plainText(text));
  const bytes = cut.length > ROOM_UNITS ? Buffer.from(cut) : room;
  const size = cut.length > ROOM_UNITS ? bytes.length : room.write(cut);
  let length = 0;
  let characters = 0;
  let hash = FNV_BASIS;
  for (let i = 0; i <= size; i++) {
    // The end of the text ends the last word as a space does.
    const byte = i < size ? (bytes[i] ?? 0) : SPACE_BYTE;
    const kind = KINDS[byte] ?? DROP;
    if (kind > DROP) {
      if (length < word.length) word[length++] = kind;
      if ((kind & 0xc0) !== 0x80) characters++;
      hash = Math.imul(hash ^ kind, FNV_PRIME);
    } else if (kind !== DROP) {
      if (length > 0 && characters <= LONGEST_WORD) cache.append(word, length, hash, list);
      if (kind === ALONE) {
        word[0] = byte;
        cache.append(word, 1, Math.imul(FNV_BASIS ^ byte, FNV_PRIME), list);
      }
      length = 0;
      characters = 0;
      hash = FNV_BASIS;
    }
  }
}

const SPACE_BYTE = 0x20;
const FNV_BASIS = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** Beyond ASCII: punctuation, symbols and ideographs become words, white space becomes spaces. */
function setApart(text: string): string {
  return text.replaceAll(SPACES, " ").replaceAll(APART, " $& ");
}

const SPACES = /(?![\x00-\x7f])\s/gu;
const APART = /(?![\x00-\x7f])[\p{P}\p{S}]|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{323af}]/gu;

/** Finds the numbers of a word's pieces; none for a word that is unknown. */
function pieceFinder(vocabulary: readonly string[]): (word: string) => readonly number[] {
  const first = createPieces();
  const later = createPieces();
  for (const [number, piece] of vocabulary.entries()) {
    if (piece.startsWith(CONTINUES) && piece !== CONTINUES) add(later, piece.slice(CONTINUES.length), number);
    else add(first, piece, number);
  }
  return (word) => {
    const found: number[] = [];
    for (let start = 0; start < word.length;) {
      const { numbers, longest } = start === 0 ? first : later;
      let end = Math.min(word.length, start + (longest.get(word.slice(start, start + HEAD)) ?? HEAD - 1));
      let number = numbers.get(word.slice(start, end));
      while (number === undefined && end - 1 > start) number = numbers.get(word.slice(start, --end));
      if (number === undefined) return [];
      found.push(number);
      start = end;
    }
    return found;
  };
}

const CONTINUES = "##";
/** Characters by which pieces are grouped: few groups reach far, so that a word nobody knows is soon given up. */
const HEAD = 3;

interface Pieces {
  readonly numbers: Map<string, number>;
  /** Length of the longest piece of each group. */
  readonly longest: Map<string, number>;
}

function createPieces(): Pieces {
  return { numbers: new Map(), longest: new Map() };
}

function add({ numbers, longest }: Pieces, piece: string, number: number): void {
  numbers.set(piece, number);
  const head = piece.slice(0, HEAD);
  longest.set(head, Math.max(piece.length, longest.get(head) ?? 0));
}
