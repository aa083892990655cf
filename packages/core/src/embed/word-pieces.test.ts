import { describe, expect, test } from "vitest";
import type { PieceList } from "./word-cache.ts";
import { createWordPieces } from "./word-pieces.ts";

const vocabulary = "[UNK] un ##aff ##affa ##able roof ##s roofs ab abc $ ! £ ° 水 ο e ##e ф".split(" ");
const wordPieces = createWordPieces(vocabulary);

test.each([
  ["roof", "roof"],
  ["  Roof\n\tROOF ", "roof roof"],
  ["roofs", "roofs"],
  ["unaffas", "un ##affa ##s"],
  ["unaffable", "", "the longest comes first, even where the rest is unknown then"],
  ["unaffs", "un ##aff ##s"],
  ["unaff unaffable roof", "un ##aff roof", "a word of which one part is unknown"],
  ["abcd ab", "ab", "an unknown rest"],
  ["roof!$roof", "roof ! $ roof"],
  ["roof£roof 5°", "roof £ roof °", "symbols beyond ASCII stand alone, and do not hide what they hang on"],
  ["roof\u{1f380}", "roof"],
  ["水水roof", "水 水 roof"],
  ["Éé\u0301e", "e ##e ##e"],
  ["ro\u00adof ro\u200bof ro\u0000of ro\ud800of", "roof roof roof roof", "what cannot be seen"],
  ["roof\u00a0roof\u3000roof\u2028roof", "roof roof roof roof"],
  ["Ф Ο", "ф ο"],
  ["", ""],
  ["[UNK]", "", "brackets are punctuation"],
])("%j is cut into %j", (text, pieces, _why?: string) => {
  expect(cut(text)).toBe(pieces);
});

describe("length", () => {
  test("a word of 100 characters is known, one of 101 is not; characters are counted, not bytes", () => {
    expect(cut("e".repeat(100)).split(" ")).toHaveLength(100);
    expect(cut("e".repeat(101))).toBe("");
    expect(cut("é".repeat(100)).split(" ")).toHaveLength(100);
    expect(cut(`${"\u{20000}".repeat(100)}roof`)).toBe("roof");
  });

  test("a long text is cut like its parts, also behind what one buffer holds", () => {
    const part = "unaffs roof! 水 ";
    expect(cut(part.repeat(5000))).toBe(Array.from({ length: 5000 }, () => "un ##aff ##s roof ! 水").join(" "));
  });

  test("texts stand one behind the other in a list that grows", () => {
    const list: PieceList = { pieces: new Int32Array(1), count: 0 };
    for (let i = 0; i < 100; i++) wordPieces.append("roof ab", list);
    expect(list.count).toBe(200);
    expect([...list.pieces.subarray(198, 200)]).toEqual([vocabulary.indexOf("roof"), vocabulary.indexOf("ab")]);
  });
});

function cut(text: string): string {
  const list: PieceList = { pieces: new Int32Array(8), count: 0 };
  wordPieces.append(text, list);
  return [...list.pieces.subarray(0, list.count)].map((piece) => vocabulary[piece]).join(" ");
}
