import { expect, test } from "vitest";
import { tagsOf } from "./tags.ts";

test("tags are those with a hit, in the order of the table", () => {
  expect(tagsOf(new Map([["tpo", 1], ["epdm", 0], ["drains", 3]]))).toEqual(["tpo", "drains"]);
});

test("no tag at all is general", () => {
  expect(tagsOf(new Map([["tpo", 0]]))).toEqual(["general"]);
});
