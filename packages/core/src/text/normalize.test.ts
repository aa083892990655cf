import * as fc from "fast-check";
import { expect, test } from "vitest";
import { identityText, isAscii, normalizeText } from "./normalize.ts";

test("counts line ends and composed accents as equal, and trims nothing", () => {
  expect(identityText("a\r\nb\rc")).toBe("a\nb\nc");
  expect(identityText("e\u0301")).toBe("\u00e9");
  expect(identityText("  a \n")).toBe("  a \n");
});

test("takes the short way only where the long one changes nothing", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("a", "\r", "\n", "\0", "\x7f", "e", "\u0301", "é") }),
  );
  fc.assert(
    fc.property(text, (any) => {
      expect(identityText(any)).toBe(any.replaceAll(/\r\n?/g, "\n").normalize("NFC"));
    }),
  );
});

test("leaves ASCII as it is and folds the rest", () => {
  expect(normalizeText("Hello")).toBe("Hello");
  expect(normalizeText("ＡＢＣ\u200b")).toBe("abc");
});

test("tells ASCII from the rest", () => {
  expect(isAscii("plain")).toBe(true);
  expect(isAscii("é")).toBe(false);
});

test("a long text is normalised in pieces, and no piece ends inside a character", () => {
  const half = 1 << 20;
  const text = `${"好".repeat(half - 1)}🎀${"世".repeat(half)}`;
  expect(normalizeText(text)).toBe(`${" 好 ".repeat(half - 1)} 🎀 ${" 世 ".repeat(half)}`);
});

test("sixty megabytes of a script without spaces do not end the process", { timeout: 120_000 }, () => {
  expect(normalizeText("世".repeat(20_000_000))).toHaveLength(60_000_000);
});
