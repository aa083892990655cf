import { describe, expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { compileDate } from "./mapping-date.ts";
import { applyFilters, mapFilters } from "./mapping-filters.ts";

function run(name: string, value: Json | undefined, first = "", second = ""): Json | undefined {
  const step = mapFilters[name]?.compile(first, second);
  if (step === undefined || "problem" in step) throw new Error(`${name} cannot be made`);
  const result = applyFilters([step], value);
  return "value" in result ? result.value : "unreadable";
}

function date(format: string, text: string): string | undefined {
  const read = compileDate(format);
  if (typeof read !== "function") throw new Error(read.problem);
  return read(text);
}

function problem(format: string): string {
  const read = compileDate(format);
  return typeof read === "function" ? "" : read.problem;
}

describe("date", () => {
  test("two-digit years from 70 on are of the 20th century, the others of the 21st", () => {
    expect(["70", "99", "00", "69"].map((year) => date("YY", year)?.slice(0, 4))).toEqual(["1970", "1999", "2000", "2069"]);
  });

  test("reads each token and gives UTC", () => {
    expect(date("M/D/YY H:mm", "10/16/17 22:59")).toBe("2017-10-16T22:59:00.000Z");
    expect(date("YYYY-MM-DD[T]HH:mm:ss.SSSZ", "2024-02-29T23:30:15.250-05:30")).toBe("2024-03-01T05:00:15.250Z");
    expect(date("YYYY-MM-DDTHH:mm:ssZ", "2024-02-29T23:30:15+0100")).toBe("2024-02-29T22:30:15.000Z");
    expect(date("D.M.YYYY hh:mm A", "1.2.2024 12:05 AM")).toBe("2024-02-01T00:05:00.000Z");
    expect(date("D.M.YYYY h:m:s A", "1.2.2024 3:5:7 p.m.")).toBe("2024-02-01T15:05:07.000Z");
    expect(date("[at] YYYYMMDD", " at  20240201 ")).toBe("2024-02-01T00:00:00.000Z");
    expect(date("YYYY", "0050")).toBe("0050-01-01T00:00:00.000Z");
  });

  test("refuses what is no such time", () => {
    for (const [format, text] of [
      ["YYYY-MM-DD", "2023-02-29"],
      ["YYYY-MM-DD", "2023-2-1"],
      ["M/D/YYYY", "13/1/2023"],
      ["H:mm YYYY", "24:00 2023"],
      ["h:mm A YYYY", "13:00 PM 2023"],
      ["YYYY", "2023 AD"],
      ["D.M.YYYY", "1-2-2023"],
      ["YYYY Z", "2023 +25:00"],
    ] as const) {
      expect(date(format, text)).toBeUndefined();
    }
  });

  test("a format that cannot be meant is told at once", () => {
    expect(problem("dd.MM.YYYY")).toBe("`dd` is no part of a date format");
    expect(problem("DD/mm/YYYY")).toBe("the date format has a day but no month");
    expect(problem("MM/DD")).toBe("the date format has no year");
    expect(problem("YYYY h:mm")).toBe("`h` counts to 12 and `A` says which half");
    expect(problem("YYYY YY")).toBe("the date format holds the year twice");
    expect(problem("YYYY [at")).toBe("a bracket of the date format is never closed");
  });
});

describe("filters", () => {
  test("unescape resolves named and numeric references once", () => {
    expect(run("unescape", "Michelle &amp; I &lt;3 &quot;x&quot; &apos;y&apos; a&nbsp;b")).toBe("Michelle & I <3 \"x\" 'y' a\u00a0b");
    expect(run("unescape", "&#39;&#x1F600;&#146;&#0;&#xD800; &amp;lt; &copy; &amp")).toBe("'😀’\ufffd\ufffd &lt; &copy; &amp");
  });

  test("int reads whole numbers only, also as tables with gaps write them", () => {
    expect(["12", " 12 ", "+12", "12.0", 12].map((value) => run("int", value))).toEqual([12, 12, 12, 12, 12]);
    expect(["1.5", "1,200", "0x10", "abc", "9007199254740993", true, {}].map((value) => run("int", value))).toEqual(
      Array<string>(7).fill("unreadable"),
    );
    expect(run("number", "-1.5e3")).toBe(-1_500);
    expect(run("number", "Infinity")).toBe("unreadable");
  });

  test("bool reads the usual words", () => {
    expect(["true", "Yes", "1", 1, true].map((value) => run("bool", value))).toEqual([true, true, true, true, true]);
    expect(["FALSE", "no", 0].map((value) => run("bool", value))).toEqual([false, false, false]);
    expect(run("bool", "maybe")).toBe("unreadable");
  });

  test("split drops empty pieces, and later filters see each piece", () => {
    expect(run("split", "a; b;;c ", ";")).toEqual(["a", "b", "c"]);
    expect(run("lower", ["A", "B"])).toEqual(["a", "b"]);
    expect(run("int", ["1", "x"])).toBe("unreadable");
  });

  test("json reads text and leaves JSON alone", () => {
    expect(run("json", '{"a":1}')).toEqual({ a: 1 });
    expect(run("json", [1])).toEqual([1]);
    expect(run("json", "null")).toBeUndefined();
    expect(run("json", "{a:1}")).toBe("unreadable");
  });

  test("default fills what is absent, null or blank, and nothing else", () => {
    expect([undefined, null, "", "  "].map((value) => run("default", value, "x"))).toEqual(["x", "x", "x", "x"]);
    expect([0, false, "y"].map((value) => run("default", value, "x"))).toEqual([0, false, "y"]);
  });

  test("swap knows its two values only", () => {
    expect(run("swap", 1, "1", "2")).toBe("2");
    expect(run("swap", "2", "1", "2")).toBe("1");
    expect(run("swap", 3, "1", "2")).toBe("unreadable");
  });
});
