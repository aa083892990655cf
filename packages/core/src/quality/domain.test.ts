import { expect, test } from "vitest";
import { domainOf } from "./domain.ts";

test("most hits win, the first of equals, and none is general", () => {
  expect(domainOf(new Map([["code", 1], ["reasoning", 2]]))).toBe("reasoning");
  expect(domainOf(new Map([["code", 2], ["reasoning", 2]]))).toBe("code");
  expect(domainOf(new Map([["code", 0]]))).toBe("general");
});
