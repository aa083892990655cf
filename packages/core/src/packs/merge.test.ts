import { expect, test } from "vitest";
import { mergeObjects } from "./merge.ts";

test("maps merge by key at every depth, and of single values the later wins", () => {
  expect(mergeObjects({ a: { x: 1, y: 2 }, b: "old" }, { a: { y: 3, z: 4 }, b: "new" })).toEqual({ a: { x: 1, y: 3, z: 4 }, b: "new" });
});

test("lists append, and an entry that is there is not repeated", () => {
  expect(mergeObjects({ a: ["gm", { x: 1, y: 2 }] }, { a: [{ y: 2, x: 1 }, "gm", "reply"] })).toEqual({
    a: ["gm", { x: 1, y: 2 }, "reply"],
  });
});

test("where the two differ in kind the later stands alone", () => {
  expect(mergeObjects({ rule: { limit: 1 } }, { rule: false })).toEqual({ rule: false });
  expect(mergeObjects({ list: [1] }, { list: { a: 1 } })).toEqual({ list: { a: 1 } });
});

test("changes neither of the two, and takes no key for more than a key", () => {
  const earlier = { a: [1] };
  const later = JSON.parse('{"a":[2],"__proto__":{"polluted":true}}');
  expect(Object.keys(mergeObjects(earlier, later))).toEqual(["a", "__proto__"]);
  expect(earlier).toEqual({ a: [1] });
  expect(Reflect.get({}, "polluted")).toBeUndefined();
});
