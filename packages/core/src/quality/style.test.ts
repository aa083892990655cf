import { expect, test } from "vitest";
import { styleOf } from "./style.ts";

test.each([
  [1, "short"],
  [12, "short"],
  [13, "medium"],
  [30, "medium"],
  [31, "long"],
] as const)("%i words are %s", (words, style) => {
  expect(styleOf(words, { shortMaxWords: 12, mediumMaxWords: 30 })).toBe(style);
});
