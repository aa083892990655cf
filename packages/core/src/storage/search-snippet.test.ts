import fc from "fast-check";
import { expect, test } from "vitest";
import { codePointLength, codePointSlice } from "../text/words.ts";
import { parseSearch } from "./search-query.ts";
import { snippetOf } from "./search-snippet.ts";
import { earlierTexts, placedWords, searchWords } from "./search-words.ts";

const snippet = (text: string, query: string) => snippetOf([{ field: "input", text }], parseSearch(query));
const marked = (text: string, query: string): readonly string[] => {
  const { text: piece, marks } = snippet(text, query);
  return marks.map(({ start, end }) => codePointSlice(piece, start, end));
};

test("a piece is what stands at its place, and its marks lie in it, in order and apart", () => {
  const letters = fc.constantFrom("a", "b", "é", "参", "议", "😀", " ", "\n", "ا", "นี", "_", "-");
  const property = fc.property(fc.array(letters, { maxLength: 500 }), fc.string(), (text, query) => {
    const whole = text.join("");
    const { text: piece, start, marks, isCut } = snippet(whole, `a ${query} 参议 ${text.slice(3, 9).join("")}`);
    expect(codePointSlice(whole, start, start + codePointLength(piece))).toBe(piece);
    expect(isCut).toBe(start + codePointLength(piece) < codePointLength(whole));
    const edges = marks.flatMap((mark) => [mark.start, mark.end]);
    expect(edges).toEqual(edges.toSorted((a, b) => a - b));
    expect(marks.every((mark) => mark.start < mark.end && mark.end <= codePointLength(piece))).toBe(true);
  });
  fc.assert(property);
});

test("marks the word as it is written, phrases as one, and nothing that is part of a longer word", () => {
  expect(marked("The Café, the CAFE and the cafeteria", "cafe")).toEqual(["Café", "CAFE"]);
  expect(marked("a red fox; red, fox", '"red fox"')).toEqual(["red fox", "red, fox"]);
  expect(marked("an over-the-top idea", "over-the-top")).toEqual(["over-the-top"]);
  expect(marked("½ of ２００８", "2008 1")).toEqual(["½", "２００８"]);
  expect(marked("soft\u00adhyphen", "softhyphen")).toEqual(["soft\u00adhyphen"]);
  expect(marked("a b c", '"a b" "b c"')).toEqual(["a b c"]);
});

test("of a long text the place is shown that has most of what was sought, of several texts the one that has", () => {
  const far = `${"heron ".repeat(3)}${"x ".repeat(500)}grey heron ${"y ".repeat(500)}`;
  expect(marked(far, "grey heron")).toEqual(["grey", "heron"]);
  const texts = [{ field: "input", text: "a heron" } as const, { field: "output", text: "a grey heron" } as const];
  expect(snippetOf(texts, parseSearch("grey heron")).field).toBe("output");
  expect(snippetOf(texts, parseSearch("crane"))).toEqual({ field: "input", text: "a heron", start: 0, marks: [], isCut: false });
});

test("a text that says one word ten thousand times is shown as fast as any other", () => {
  expect(snippet("heron ".repeat(50_000), "heron bittern").marks.length).toBeGreaterThan(10);
});

test("the words of a text are the same, with or without their places", () => {
  const property = fc.property(
    fc.array(fc.constantFrom("a", "É", "参", "ไ", "ท", "😀", " ", "İ", "ς", "ﬁ", "한", "\u0301", "_"), { maxLength: 30 }),
    (parts) => {
      const text = parts.join("").normalize("NFKC");
      expect([...placedWords(text)].map(({ word }) => word)).toEqual(searchWords(text));
    },
  );
  fc.assert(property);
});

test("reads words, phrases and what must not occur", () => {
  expect(parseSearch('Red "the fox" -wine -"dry white" don\'t 参议')).toEqual({
    wanted: [["red"], ["the", "fox"], ["don", "t"], ["参", "议"]],
    unwanted: [["wine"], ["dry", "white"]],
  });
  expect(parseSearch('- "" -"" "open quote')).toEqual({ wanted: [["open", "quote"]], unwanted: [] });
});

test("earlier texts are what messages say beyond the columns, without system prompts", () => {
  const call = { id: "1", name: "find", arguments: { city: "Rome", filter: ["museum", 3] } };
  const body = JSON.stringify({
    messages: [
      { role: "system", content: "be brief" },
      { role: "user", content: "first" },
      { role: "assistant", content: "", reasoning: "think", toolCalls: [call] },
      { role: "tool", content: "found", toolCallId: "1" },
      { role: "user", content: "last" },
    ],
  });
  expect(earlierTexts(body, ["last", null])).toEqual(["first", "think", "Rome", "museum", "found"]);
  expect([earlierTexts(null, []), earlierTexts('{"document":{},"items":[{"text":"a"}]}', [])]).toEqual([[], []]);
});
