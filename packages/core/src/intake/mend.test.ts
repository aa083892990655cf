import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { mendTexts } from "./mend.ts";

test("text that can be stored comes back as the same value, without findings", () => {
  const value = { text: "gm 🎀", list: ["ä", { ключ: null }] };
  expect(mendTexts(value)).toEqual({ value, findings: [] });
  expect(mendTexts(value).value).toBe(value);
});

test("each sort of flaw is one finding, however often it occurs, in keys too", () => {
  const { value, findings } = mendTexts({ "a\ud800": ["b\udc00", "c\u0000", "d\u0000\ud83c"] });
  expect(value).toEqual({ "a\ufffd": ["b\ufffd", "c\ufffd", "d\ufffd\ufffd"] });
  expect(findings.map(({ rule }) => rule)).toEqual(["lone-surrogate", "encoding"]);
});

test("whatever comes, what is left can be written as UTF-8 and read back, and mending again finds nothing", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("a", "\ud83c", "\udf80", "\u0000")).map((units) => units.join("")),
  );
  fc.assert(
    fc.property(fc.dictionary(text, fc.array(text)), (given) => {
      const mended: Json = mendTexts({ ...given }).value;
      const written = JSON.stringify(mended);
      expect(Buffer.from(written, "utf8").toString()).toBe(written);
      expect(written).not.toContain("\\u0000");
      expect(mendTexts(mended)).toEqual({ value: mended, findings: [] });
    }),
  );
});

test("a flaw is mended however deep it lies", () => {
  for (const depth of [1, 63, 64, 65, 66, 5_000]) {
    const nested = JSON.parse(`${"[".repeat(depth)}"a\\u0000"${"]".repeat(depth)}`);
    const { value, findings } = mendTexts(nested);
    let inner: unknown = value;
    while (Array.isArray(inner)) [inner] = inner;
    expect([inner, findings.map(({ rule }) => rule)]).toEqual(["a\ufffd", ["encoding"]]);
  }
});
