import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileKeywords, type KeywordTable } from "./keywords.ts";
import { words } from "./words.ts";

function table(match: "substring" | "word", groups: Readonly<Record<string, readonly string[]>>): KeywordTable {
  return { match, groups: Object.entries(groups).map(([name, keywords]) => ({ name, keywords })) };
}

describe("substring", () => {
  test("is found inside words, in any case", () => {
    const find = compileKeywords([table("substring", { insulation: ["iso"], membrane: ["TPO", "epdm"] })]);
    expect(find("Isolated tpo and EPDM")).toEqual([[1, 2]]);
  });

  test("counts white space: a section number needs what follows it", () => {
    const find = compileKeywords([table("substring", { specs: ["07 "] })]);
    expect(find("see 07 62 00")).toEqual([[1]]);
    expect(find("see 0762")).toEqual([[0]]);
    expect(find("ends in 07")).toEqual([[0]]);
  });

  test("counts a keyword once however often it stands there", () => {
    expect(compileKeywords([table("substring", { a: ["roof"] })])("roof roof roofing")).toEqual([[1]]);
  });

  test("finds a keyword that is the end or the inside of another", () => {
    const find = compileKeywords([table("substring", { a: ["base flash", "flash", "lash", "as"] })]);
    expect(find("base flashing")).toEqual([[4]]);
  });

  test("finds beyond ASCII, where lower case changes the length of a text", () => {
    const find = compileKeywords([table("substring", { a: ["straße", "🎀", "i̇x"] })]);
    expect(find("STRASSE Straße 🎀 İX")).toEqual([[3]]);
  });
});

describe("word", () => {
  const find = compileKeywords([table("word", { conversation: ["hi", "how are"], code: ["class"] })]);

  test("is found whole only", () => {
    expect(find("this classify")).toEqual([[0, 0]]);
    expect(find("hi, class!")).toEqual([[1, 1]]);
  });

  test("takes what lies between the words of a phrase as one gap", () => {
    expect(find("How,  are you? Hi")).toEqual([[2, 0]]);
    expect(find("how they are")).toEqual([[0, 0]]);
  });

  test("overlapping phrases share a word", () => {
    expect(compileKeywords([table("word", { a: ["what is", "is new"] })])("what is new")).toEqual([[2]]);
  });

  test("reads words as the whole house does: accents composed, full width folded, emoji apart", () => {
    const wide = compileKeywords([table("word", { a: ["café", "🎀", "bug"] })]);
    expect(wide("cafe\u0301 gm🎀 Ｂｕｇ")).toEqual([[3]]);
  });

  test("a keyword without words is in no text", () => {
    expect(compileKeywords([table("word", { a: ["++"] })])("a ++ b")).toEqual([[0]]);
  });
});

test("no table and no text give no hits", () => {
  expect(compileKeywords([])("anything")).toEqual([]);
  expect(compileKeywords([table("word", { a: ["x"] })])("")).toEqual([[0]]);
});

test("keeps the hits of one text after the next was searched", () => {
  const find = compileKeywords([table("word", { a: ["x"] })]);
  const first = find("x");
  find("y");
  expect(first).toEqual([[1]]);
});

const letters = fc.string({ unit: fc.constantFrom("a", "B", "b", " ", ".", "_", "0", "é", "İ", "🎀", "你", "\0", "ß"), maxLength: 12 });
const keyword = fc.string({ unit: fc.constantFrom("a", "B", "b", " ", ".", "0", "é", "İ", "🎀", "你"), minLength: 1, maxLength: 3 });
const tables = fc.array(
  fc.record({
    match: fc.constantFrom("substring" as const, "word" as const),
    groups: fc.array(fc.record({ name: fc.constant("g"), keywords: fc.array(keyword, { maxLength: 5 }) }), { maxLength: 3 }),
  }),
  { maxLength: 3 },
);

test("finds what looking for each keyword alone finds", () => {
  fc.assert(
    fc.property(tables, fc.array(letters, { maxLength: 4 }), (all, texts) => {
      const find = compileKeywords(all);
      for (const text of texts)
        expect(find(text)).toEqual(all.map(({ match, groups }) => groups.map((group) => naive(match, group.keywords, text))));
    }),
    { numRuns: 2_000 },
  );
});

function naive(match: "substring" | "word", keywords: readonly string[], text: string): number {
  if (match === "substring")
    return [...new Set(keywords.map((each) => each.toLowerCase()))].filter((each) => text.toLowerCase().includes(each)).length;
  const phrases = new Set(keywords.map((each) => words(each).join(" ")).filter((each) => each !== ""));
  return [...phrases].filter((each) => ` ${words(text).join(" ")} `.includes(` ${each} `)).length;
}
