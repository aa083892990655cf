import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TilthError } from "../errors.ts";
import type { ImportMap } from "../schema/config.ts";
import { compileMap } from "./mapping.ts";
import { parseMapArguments, printMap } from "./mapping-parse.ts";

describe("a map that cannot be", () => {
  const problem = (map: ImportMap): readonly unknown[] => {
    const error = errorOf(() => compileMap(map));
    return [error.code, error.details["problem"] ?? error.details["hint"]];
  };

  test("names the nearest field", () => {
    expect(problem({ text: "t", sorceId: "x" })).toEqual(["map/unknown-field", "The nearest is sourceId."]);
    expect(problem({ text: "t", "engagement.like": "x" })).toEqual(["map/unknown-field", "The nearest is engagement.likes."]);
    expect(problem({ text: "t", likes: "x" })).toEqual(["map/unknown-field", "The nearest is engagement.likes."]);
    expect(problem({ text: "t", "quality.score": "x" })).toEqual(["map/unknown-field", "Tilth sets it itself."]);
    expect(problem({ text: "t", id: "x" })[1]).toContain("sourceId");
  });

  test("says which fields do not go together or are missing", () => {
    expect(problem({})).toEqual(["map/no-kind", "no field of its content is mapped"]);
    expect(problem({ domain: "'code'" })[0]).toBe("map/no-kind");
    expect(problem({ input: "q" })[1]).toBe("an example of kind chat needs `messages` or `completion` or `output` or `reference`");
    expect(problem({ text: "t", input: "q", output: "a" })[1]).toBe("an example of kind chat has no `text`");
    expect(problem({ prompt: "q", chosen: "a" })[1]).toBe("an example of kind preference needs `rejected`");
    expect(problem({ kind: "'text'", text: "t", intent: "i" })[1]).toBe("an example of kind text has no `intent`");
    expect(problem({ "messages[user]": "q", input: "q", output: "a" })[1]).toBe("`messages` and `input` say the same thing twice");
    expect(problem({ "messages[user]": "q" })[1]).toBe("nobody answers: it needs `messages[assistant]`");
    expect(problem({ kind: "'txt'", text: "t" })[1]).toBe("there is no kind txt");
    expect(problem({ kind: "kind", text: "t" })[1]).toContain("must be a constant");
  });

  test("says at which column its writing is wrong", () => {
    const wrong = (map: ImportMap): readonly unknown[] => {
      const { code, details } = errorOf(() => compileMap(map));
      return [code, details["column"], details["problem"], details["expected"]];
    };
    expect(wrong({ domain: "'code" })).toEqual(["map/syntax", 8, "the quote is never closed", "a closing '"]);
    expect(wrong({ text: '"a' })).toEqual(["map/syntax", 6, "the quote is never closed", 'a closing "']);
    expect(wrong({ text: "t|trm" })).toEqual(["map/syntax", 8, "there is no filter `trm`", "`trim`"]);
    expect(wrong({ text: "t|constructor" }).slice(0, 3)).toEqual(["map/syntax", 8, "there is no filter `constructor`"]);
    expect(wrong({ text: "" }).slice(0, 3)).toEqual(["map/syntax", 6, "the end stands where a column should"]);
    expect(wrong({ text: "t|" }).slice(0, 3)).toEqual(["map/syntax", 8, "the end stands where a filter should"]);
    expect(wrong({ text: "t|split" }).slice(2)).toEqual(["`split` has no argument", "`split(;)`"]);
    expect(wrong({ text: "t|trim(1)" }).slice(2)).toEqual(["`trim` has one argument", "`trim`"]);
    expect(wrong({ text: "t|swap(1" }).slice(1, 3)).toEqual([12, "the parenthesis is never closed"]);
    expect(wrong({ text: "t|date(dd.mm.yyyy)" }).slice(2)).toEqual(["`dd` is no part of a date format", "`DD`"]);
    expect(wrong({ text: "o_{l" }).slice(1, 3)).toEqual([8, "the brace is never closed"]);
    expect(wrong({ text: "o_{}" }).slice(1, 3)).toEqual([9, "`}` stands where a column should"]);
    expect(wrong({ text: "'a' b" }).slice(1, 3)).toEqual([10, "`b` cannot stand here"]);
    expect(wrong({ "messages[usr]": "q" })).toEqual(["map/syntax", 10, "there is no role `usr`", "`user`"]);
    expect(wrong({ "messages[user": "q" }).slice(1, 3)).toEqual([9, "the bracket is never closed"]);
    expect(wrong({ "text[user]": "q" }).slice(1, 3)).toEqual([5, "text takes no role"]);
    expect(wrong({ tag: "a", tags: "b" }).slice(2, 3)).toEqual(["tags is mapped already"]);
    expect(wrong({ "metadata.a": "a", "metadata.a.b": "b" }).slice(2, 3)).toEqual(["metadata.a is mapped already"]);
    expect(wrong({ text: "t", confidence: "'high'" }).slice(1, 3)).toEqual([
      12,
      "`'high'` does not fit `confidence`, which is a number from 0 to 1",
    ]);
    const argument = (text: string): readonly unknown[] => {
      const { details } = errorOf(() => parseMapArguments([text]));
      return [details["column"], details["problem"]];
    };
    expect(argument("")).toEqual([1, "there is no equals sign"]);
    expect(argument("text")).toEqual([5, "there is no equals sign"]);
    expect(argument("=t")).toEqual([1, "there is no field before the equals sign"]);
    expect(argument('metadata."a=b')).toEqual([10, "the quote is never closed"]);
  });
});

describe("a printed map", () => {
  test("is one line an entry in one spelling, and reads back from flags and from YAML", () => {
    const map = parseMapArguments([
      'metadata."a=b"= x | trim',
      "tag=t|split( , )",
      "kind='chat'",
      "messages[ user ]=q",
      "messages[assistant]=a|default(none)",
      "messages[user]=q2",
    ]);
    expect(printMap(map)).toEqual([
      'metadata."a=b"=x|trim',
      "tags=t|split(,)",
      "kind='chat'",
      "messages[user]=q",
      "messages[assistant]=a|default('none')",
      "messages[user:2]=q2",
    ]);
    expect(parseMapArguments(printMap(map))).toEqual(map);
    expect(compileMap(map).map).toEqual(map);
  });

  test("quotes an argument where it would end or mean something else", () => {
    const map = parseMapArguments(["text=t|split(')')|swap('a,b',\"c\")|split(' ')|default('it\\'s')"]);
    expect(printMap(map)).toEqual([`text=t|split(')')|swap('a,b',"c")|split(' ')|default('it\\'s')`]);
    expect(parseMapArguments(printMap(map))).toEqual(map);
  });

  test("round trip: whatever map is written, printing and parsing give the same map", () => {
    fc.assert(
      fc.property(anyMap, (map) => {
        const lines = printMap(map);
        const again = parseMapArguments(lines);
        expect(printMap(again)).toEqual(lines);
        expect(Object.entries(again)).toEqual(Object.entries(map));
      }),
    );
  });

  test("any text is a map or an error of the map, never a fault", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z.[\]{}|'"=(),;\\ ]*$/))), (list) => {
        try {
          parseMapArguments(list.map((value) => `text=${value}`).slice(0, 1));
          parseMapArguments(list);
        } catch (error) {
          expect(error).toBeInstanceOf(TilthError);
          expect((error as TilthError).code).toMatch(/^map\/(syntax|unknown-field)$/);
        }
      }),
    );
  });
});

const columnName = fc.oneof(
  fc.constantFrom("question", "turns[0]", "data.q", '"a|b"', String.raw`"say \"hi\""`, "Price [EUR]", '"a.b".c', "e.g. it", "it's"),
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/),
);
const anyArgument = fc.string({ unit: "binary", minLength: 1, maxLength: 5 });
const anyFilter = fc.oneof(
  fc.constantFrom(
    "trim",
    "lower",
    "unescape",
    "int",
    "number",
    "bool",
    "json",
    "date(M/D/YY H:mm)",
    "date(YYYY-MM-DD[T]HH:mm:ss.SSSZ)",
    "swap(1,2)",
  ),
  anyArgument.map((text) => `default(${quote(text)})`),
  anyArgument.map((text) => `split(${quote(text)})`),
  fc
    .tuple(anyArgument, anyArgument)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => `swap( ${quote(a)} , ${quote(b)} )`),
);
const anyFilters = fc.array(anyFilter, { maxLength: 3 }).map((list) => list.map((filter) => ` | ${filter}`).join(""));
const anyValue = fc.tuple(
  fc.oneof(
    columnName,
    fc.string({ unit: "binary" }).map(quote),
    fc.tuple(columnName, anyFilters).map(([column, filters]) => `out_{ ${column}${filters} }_x`),
  ),
  anyFilters,
);
const anyField = fc.constantFrom(
  "text",
  "input",
  "messages[user]",
  "messages[assistant]",
  "prompt[system]",
  "chosen",
  "tag",
  "metadata.a",
  'metadata."b c".d',
  "features.x",
);
const anyMap = fc
  .uniqueArray(fc.tuple(anyField, anyValue), { selector: ([field]) => field, maxLength: 6 })
  .map((list) => parseMapArguments(list.map(([field, parts]) => `${field}=${parts.join("")}`)));

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function errorOf(call: () => unknown): TilthError {
  try {
    call();
  } catch (error) {
    if (error instanceof TilthError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
