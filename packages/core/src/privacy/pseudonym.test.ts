import { expect, test } from "vitest";
import { createPseudonyms } from "./pseudonym.ts";

const key = new Uint8Array(32).fill(7);

test("the same person is the same word, however the address is typed", () => {
  const pseudonym = createPseudonyms(key);
  expect(pseudonym("Jane@Example.org ")).toBe(pseudonym("jane@example.org"));
  expect(pseudonym("jane@example.org")).toMatch(/^person_[0-9a-f]{20}$/);
});

test("another person and another workspace give another word", () => {
  expect(createPseudonyms(key)("a@example.org")).not.toBe(createPseudonyms(key)("b@example.org"));
  expect(createPseudonyms(key)("a@example.org")).not.toBe(createPseudonyms(new Uint8Array(32))("a@example.org"));
});
