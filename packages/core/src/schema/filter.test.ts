import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTilthError } from "../errors.ts";
import { arbitraryFilter } from "./contract.ts";
import { filterLimits, parseFilter } from "./filter.ts";
import { printFilter } from "./filter-print.ts";

const nowMs = Date.UTC(2026, 0, 31, 12);
const parse = (text: string) => parseFilter(text, { nowMs });

describe("grammar", () => {
  test("and binds tighter than or, not tighter than both", () => {
    const expected = {
      kind: "or",
      any: [
        { kind: "compare", field: "kind", operator: "=", value: "chat" },
        {
          kind: "and",
          all: [
            { kind: "not", filter: { kind: "compare", field: "used", operator: "=", value: true } },
            { kind: "compare", field: "quality.tier", operator: ">=", value: "silver" },
          ],
        },
      ],
    };
    expect(parse("kind = chat or not used = true and quality.tier >= silver")).toEqual(expected);
    expect(parse("kind=chat OR (NOT (used=true)) AND quality.tier>=silver")).toEqual(expected);
  });

  test("keeps parentheses that group", () => {
    expect(parse("(kind = chat or kind = text) and topic is-missing")).toEqual({
      kind: "and",
      all: [
        {
          kind: "or",
          any: [
            { kind: "compare", field: "kind", operator: "=", value: "chat" },
            { kind: "compare", field: "kind", operator: "=", value: "text" },
          ],
        },
        { kind: "missing", field: "topic" },
      ],
    });
  });

  test.each([
    ["source in (a, b-c, \"d e\", 'it\\'s')", { kind: "in", field: "source", values: ["a", "b-c", "d e", "it's"] }],
    ["tag has gold", { kind: "has", field: "tag", value: "gold" }],
    ["tags = gold", { kind: "has", field: "tag", value: "gold" }],
    ["tag != gold", { kind: "not", filter: { kind: "has", field: "tag", value: "gold" } }],
    ["output contains 'big \\\\ \\n cat'", { kind: "contains", field: "output", text: "big \\ \n cat" }],
    ['text matches "big cat"', { kind: "matches", field: "text", phrase: "big cat" }],
    ["sourceId = 007", { kind: "compare", field: "sourceId", operator: "=", value: "007" }],
    ["topic = Ärger", { kind: "compare", field: "topic", operator: "=", value: "Ärger" }],
    ["complexity > 3", { kind: "compare", field: "complexity", operator: ">", value: 3 }],
    ["weight = -1.5e+3", { kind: "compare", field: "weight", operator: "=", value: -1500 }],
    ["freshness = -0", { kind: "compare", field: "freshness", operator: "=", value: 0 }],
    ["importId = https://x.y/z@1", { kind: "compare", field: "importId", operator: "=", value: "https://x.y/z@1" }],
  ])("reads %s", (text, tree) => {
    expect(parse(text)).toEqual(tree);
  });

  test.each([
    ["2026-01-31", Date.UTC(2026, 0, 31)],
    ["2026-01-31T10:00:00Z", Date.UTC(2026, 0, 31, 10)],
    ["2026-01-31T10:00:00.5+02:00", Date.UTC(2026, 0, 31, 8, 0, 0, 500)],
    ["12h", Date.UTC(2026, 0, 31, 0)],
    ["30d", Date.UTC(2026, 0, 1, 12)],
    ["8w", nowMs - 56 * 86_400_000],
  ])("takes %s for a time", (text, value) => {
    expect(parse(`createdAt > ${text}`)).toEqual({ kind: "compare", field: "createdAt", operator: ">", value });
  });

  test.each([
    ["metadata.n = 5", "metadata.n", 5],
    ['metadata.n = "5"', "metadata.n", "5"],
    ["metadata.n = true", "metadata.n", true],
    ["features.tone.mood = 30d", "features.tone.mood", "30d"],
    ['metadata."gen_ai.system".x = y', 'metadata."gen_ai.system".x', "y"],
    ['metadata."plain" = y', "metadata.plain", "y"],
  ])("compares JSON by the type of the literal: %s", (text, field, value) => {
    expect(parse(text)).toEqual({ kind: "compare", field, operator: "=", value });
  });
});

describe("errors name the place and the way out", () => {
  test.each([
    ["qualty.score > 1", 1, "quality.score"],
    ["kind = chat and sourcekind = post", 17, "sourceKind"],
    ["score > 1", 1, "quality.score"],
    ["metadata = 1", 1, "metadata.team"],
    ["constructor = 1", 1, "metadata.<path>"],
  ])("unknown field in %s", (text, column, hint) => {
    const error = errorOf(() => parse(text));
    expect(error).toMatchObject({ code: "filter/unknown-field", kind: "input", details: { column } });
    expect(error.message).toContain(hint);
  });

  test.each([
    ["", 1, "a field"],
    ["kind", 5, "= != in is-missing"],
    ["kind > chat", 6, "= != in is-missing"],
    ["kind = chatt", 8, "did you mean chat?"],
    ["topic has x", 7, "one of ="],
    ["kind = ", 8, "one of chat"],
    ["kind = chat topic = x", 13, "and, or"],
    ["(kind = chat", 13, "closing )"],
    ["kind = chat)", 12, "end of the filter"],
    ["source in ()", 12, "a text"],
    ["source in a", 11, "("],
    ["complexity > many", 14, "a number"],
    ["weight < 1e999", 10, "a number"],
    ["used = yes", 8, "true or false"],
    ["createdAt > 2026-02-31", 13, "an age like"],
    ["createdAt > 2026-01-31T10:00:00", 13, "an age like"],
    ["createdAt > 999999999w", 13, "an age like"],
    ["output contains ''", 17, "at least one character"],
    ["output matches '?!'", 16, "at least one word"],
    ["metadata.x < true", 14, "= or !="],
    ["topic = 'abc", 9, "closing '"],
    ["topic = 'a\\qb'", 9, "\\n"],
    ["🎀 = x", 1, "quotes"],
    ["topic = '🎀' & x", 13, "quotes"],
    ["topic = 'a\0'", 11, "U+0000"],
    ["topic = 'a\ud800'", 11, "well-formed"],
  ])("%s fails at column %i", (text, column, expected) => {
    const error = errorOf(() => parse(text));
    expect(error).toMatchObject({ code: "filter/syntax", kind: "input", details: { column } });
    expect(error.message).toContain(expected);
  });

  test("what is too long, too many or too deep is refused, and what just fits is not", () => {
    const terms = (count: number) => Array.from({ length: count }, () => "used = true").join(" or ");
    const deep = (count: number) => `${"(not ".repeat(count / 2)}used = true${")".repeat(count / 2)}`;
    expect(errorOf(() => parse(" ".repeat(filterLimits.characters + 1))).code).toBe("filter/limit");
    expect(errorOf(() => parse(terms(filterLimits.terms + 1))).code).toBe("filter/limit");
    expect(errorOf(() => parse(deep(filterLimits.depth + 2))).code).toBe("filter/limit");
    expect(errorOf(() => parse("not ".repeat(1_000)))).toMatchObject({ code: "filter/limit", kind: "limit" });
    expect(parse(terms(filterLimits.terms)).kind).toBe("or");
    expect(parse(deep(filterLimits.depth)).kind).toBe("not");
  });

  test("any text either parses or is refused with a code", () => {
    const piece = fc.oneof(fc.constantFrom("kind", "=", "(", ")", "not", "and", "in", ",", "'", '"', "\\", "metadata.", "."), fc.string());
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          parse(pieces.join(" "));
        } catch (error) {
          expect(isTilthError(error)).toBe(true);
        }
      }),
    );
  });
});

test("round trip: parsing what was printed gives the same tree", () => {
  fc.assert(
    fc.property(arbitraryFilter(), (tree) => {
      expect(parse(printFilter(tree))).toEqual(tree);
    }),
    { numRuns: 2_000 },
  );
});

test("prints the shortest form a person would write", () => {
  expect(printFilter(parse("((kind = 'chat')) and (not (tag != \"big cat\")) and createdAt > 30d"))).toBe(
    'kind = chat and not not tag has "big cat" and createdAt > 2026-01-01T12:00:00.000Z',
  );
});

function errorOf(call: () => unknown) {
  try {
    call();
  } catch (error) {
    if (isTilthError(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
