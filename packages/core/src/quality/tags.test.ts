import { expect, test } from "vitest";
import { tagsOf } from "./tags.ts";

test("tags are those with a hit, in the order of the table", () => {
  expect(tagsOf(["tpo", "epdm", "drains"], [1, 0, 3])).toEqual(["tpo", "drains"]);
});

test("no tag at all is general", () => {
  expect(tagsOf(["tpo"], [0])).toEqual(["general"]);
  expect(tagsOf([], [])).toEqual(["general"]);
});
