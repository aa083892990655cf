import { describe, expect, test } from "vitest";
import { entityTag, isFresh, requireMatch } from "./entity-tag.ts";

describe("a tag", () => {
  test("names the revision, also of an example inside the answer", () => {
    expect(entityTag({ example: { rev: 7 } }, "{}")).toMatch(/^"7\.[0-9a-f]{16}"$/);
    expect(entityTag({ rev: 3 }, "{}")).toMatch(/^"3\./);
  });

  test("changes with anything else in the answer", () => {
    expect(entityTag({ rev: 3 }, "a")).not.toBe(entityTag({ rev: 3 }, "b"));
    expect(entityTag({ examples: [] }, "a")).toMatch(/^"[0-9a-f]{16}"$/);
  });
});

describe("If-Match", () => {
  const current = { tag: '"7.9f86d081884c7d65"', path: "/examples/x" };

  test("lets a change pass that was made for the revision there is, whatever else changed", () => {
    expect(requireMatch('"7.0000000000000000"', current)).toBe(7);
    expect(requireMatch('"6", "7"', current)).toBe(7);
  });

  test("takes anything for a star", () => {
    expect(requireMatch("*", current)).toBeUndefined();
  });

  test("refuses another revision with both values", () => {
    expect(() => requireMatch('"6.9f86d081884c7d65"', current)).toThrow("is at 7, the request is for 6");
  });

  test("refuses weak tags and what is no tag", () => {
    for (const header of ['W/"7.9f86d081884c7d65"', "7", ""]) expect(() => requireMatch(header, current)).toThrow("is at 7");
  });

  test("compares what has no revision as a whole", () => {
    const dataset = { tag: '"9f86d081884c7d65"', path: "/datasets/x" };
    expect(requireMatch('"9f86d081884c7d65"', dataset)).toBeUndefined();
    expect(() => requireMatch('"0f86d081884c7d65"', dataset)).toThrow("is at");
  });
});

test("a cached answer is the right one by its whole tag, weak or strong", () => {
  expect(isFresh('"a", W/"7.1"', '"7.1"')).toBe(true);
  expect(isFresh('"7.2"', '"7.1"')).toBe(false);
  expect(isFresh(undefined, '"7.1"')).toBe(false);
});
