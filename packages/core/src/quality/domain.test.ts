import { expect, test } from "vitest";
import { domainOf } from "./domain.ts";

test("most hits win, the first of equals, and none is general", () => {
  expect(domainOf(["code", "reasoning"], [1, 2])).toBe("reasoning");
  expect(domainOf(["code", "reasoning"], [2, 2])).toBe("code");
  expect(domainOf(["code"], [0])).toBe("general");
  expect(domainOf([], [])).toBe("general");
});
