import fc from "fast-check";
import { expect, test } from "vitest";
import { mapDeep, mapStrings } from "./map-strings.ts";

const same = (text: string): string => text;

test("what does not change is the same object, at every level", () => {
  const value = { a: [{ b: "x" }, []], c: {}, d: null };
  expect(mapStrings(value, { key: same, text: same })).toBe(value);
  const mapped = mapStrings({ left: value, right: "x" }, { key: same, text: (text, key) => (key === "right" ? "y" : text) });
  expect(mapped).toEqual({ left: value, right: "y" });
  expect(Object.values(mapped ?? {})[0]).toBe(value);
});

test("strings in arrays stand under no key", () => {
  const seen: (string | undefined)[] = [];
  mapStrings(
    { a: "1", b: ["2"] },
    {
      key: same,
      text(text, key) {
        seen.push(key);
        return text;
      },
    },
  );
  expect(seen).toEqual(["a", undefined]);
});

test("keys that collide after mapping keep all their members", () => {
  expect(mapStrings({ a: 1, b: 2, c: 3 }, { key: () => "k", text: same })).toEqual({ k: 1, "k (2)": 2, "k (3)": 3 });
});

test("maps every string exactly once, as a JSON reviver would", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (some) => {
      const text = JSON.stringify(some);
      const mapped = mapStrings(JSON.parse(text), { key: same, text: (old) => `<${old}>` });
      const expected: unknown = JSON.parse(text, (_, value: unknown) => (typeof value === "string" ? `<${value}>` : value));
      // The reviver drops a member named __proto__; the map keeps it.
      fc.pre(!text.includes("__proto__"));
      expect(mapped).toEqual(expected);
    }),
  );
});

test("recursion and the stack of its own give the same, at any depth", () => {
  const nested = fc.tuple(fc.jsonValue({ depthSize: "large" }), fc.nat(80)).map(([inner, depth]) => {
    let value = inner;
    for (let level = 0; level < depth; level++) value = level % 2 === 0 ? { level: value, beside: "x" } : [value, "y"];
    return JSON.stringify(value);
  });
  const mapping = {
    key: (key: string) => (key.length % 3 === 1 ? "k" : key),
    text: (text: string, key: string | undefined) => (text.length % 2 === 0 ? text : `<${text} of ${key ?? "a list"}>`),
  };
  fc.assert(
    fc.property(nested, (text) => {
      expect(JSON.stringify(mapStrings(JSON.parse(text), mapping))).toBe(JSON.stringify(mapDeep(JSON.parse(text), mapping)));
    }),
  );
});

test("a hundred thousand levels are no problem", () => {
  const deep = JSON.parse(`${"[".repeat(100_000)}"x"${"]".repeat(100_000)}`);
  let mapped: unknown = mapStrings(deep, { key: same, text: () => "y" });
  while (Array.isArray(mapped)) [mapped] = mapped;
  expect(mapped).toBe("y");
});
