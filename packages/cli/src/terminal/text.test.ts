import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, displayWidth, duration, oneLine, padFrom, padTo, percent, plural, thousands, visible } from "./text.ts";

test("numbers are grouped by thousands, whatever the machine's language", () => {
  expect([thousands(0), thousands(999), thousands(1_234_567)]).toEqual(["0", "999", "1,234,567"]);
  expect([plural(1, "row"), plural(2, "row"), plural(0, "copy", "copies"), plural(1_200, "row")]).toEqual([
    "1 row",
    "2 rows",
    "0 copies",
    "1,200 rows",
  ]);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [123_456, "123 kB"],
  [1_500_000, "1.5 MB"],
  [2_000_000_000_000_000, "2000 TB"],
])("%i bytes are %s", (value, said) => {
  expect(bytes(value)).toBe(said);
});

test.each([
  [12.4, "12 ms"],
  [1_500, "1.5 s"],
  [59_940, "59.9 s"],
  [60_000, "1 min 0 s"],
  [119_700, "2 min 0 s"],
  [3_599_900, "1 h 0 min"],
  [7_260_000, "2 h 1 min"],
])("%i ms are %s", (value, said) => {
  expect(duration(value)).toBe(said);
});

test("a share is never 0 or 100 per cent unless it is", () => {
  expect([percent(0, 10), percent(1, 1_000), percent(999, 1_000), percent(10, 10), percent(1, 3), percent(0, 0)]).toEqual([
    "0 %",
    "<1 %",
    ">99 %",
    "100 %",
    "33 %",
    "–",
  ]);
});

describe("width", () => {
  test("counts columns: wide characters two, marks none", () => {
    expect([displayWidth("abc"), displayWidth("日本"), displayWidth("e\u0301"), displayWidth("🎀"), displayWidth("")]).toEqual([
      3, 4, 1, 2, 0,
    ]);
  });

  test("padding fills up to the width and never cuts", () => {
    expect([padTo("日本", 6), padFrom("12", 4), padTo("abcdef", 3)]).toEqual(["日本  ", "  12", "abcdef"]);
  });

  test("one line is one line, no wider than asked, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const line = oneLine(text, width);
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
    expect([oneLine("a\n\t b", 10), oneLine("abcdef", 4), oneLine("日本語", 4)]).toEqual(["a b", "abc…", "日…"]);
  });
});

test("what is visible keeps lines and tabs and loses what steers a screen", () => {
  expect(visible("a\tb\nc\u001b[31md\r\u0007\u009b\u007f")).toBe("a\tb\nc\ufffd[31md\ufffd\ufffd\ufffd\ufffd");
});
