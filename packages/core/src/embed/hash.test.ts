import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashEmbedder } from "./hash.ts";
import { shippedTable } from "./static.ts";
import { readPieceTable } from "./table.ts";

const hash = hashEmbedder();
const { dimensions } = hash;

describe("hash-v1", () => {
  test("says what an index must remember", () => {
    expect(hashEmbedder()).toMatchObject({ id: "hash-v1", version: "1", dimensions: 512, backgroundCosine: 0.02 });
  });

  test.each([
    ["an inflected word", "the roof was measured", "measuring a roof"],
    ["German", "Wie ändere ich mein Passwort?", "Ich möchte das Passwort ändern"],
    ["Chinese, which has no spaces", "请告诉我怎么更改我的密码", "怎么更改我的密码"],
  ])("%s lies nearer than another text", async (_, left, right) => {
    expect(await cosine(left, right)).toBeGreaterThan(0.25);
    expect(await cosine(left, "completely different words")).toBeLessThan(0.15);
  });

  test("common words say little", async () => {
    expect(await cosine("the of and in roof", "the of and in piano")).toBeLessThan(0.2);
  });

  test("common words are a stretch of the table's own vocabulary", async () => {
    const { pieces } = await readPieceTable(shippedTable);
    const file = readFileSync(new URL("./common-words.txt", import.meta.url), "utf8");
    expect(file.trimEnd().split("\n")).toEqual(pieces.slice(1996, 3996));
  });

  test("case, accents and punctuation change nothing", async () => {
    expect(await cosine("Café, SOCIETY!", "cafe society")).toBeGreaterThan(0.999);
  });

  test("its vectors stay as they are: what is stored must be met again", async () => {
    const [vector = []] = await rows(["gm frens"]);
    const marks = vector.flatMap((value, d) => (Math.abs(value) > 60 ? [[d, value]] : []));
    expect(marks).toEqual([
      [43, -90],
      [139, -127],
      [217, 90],
      [260, 127],
      [392, 90],
    ]);
  });

  test.each([
    ["nothing", ""],
    ["punctuation", "?! ... 🎀"],
    ["a lone surrogate", "\ud800"],
  ])("%s has no direction", async (_, text) => {
    expect((await rows([text]))[0]?.every((value) => value === 0)).toBe(true);
  });

  test.each([
    ["a megabyte without a space", "x".repeat(2 ** 20)],
    ["a megabyte of ideographs", "\u6c34".repeat(2 ** 20)],
    ["a megabyte of accents behind one letter, in the wrong order", `a${"\u0301\u0323".repeat(2 ** 19)}`],
  ])("%s is done in time", async (_, text) => {
    expect(await rows([text])).toHaveLength(1);
  });

  test("a text has the same vector alone and among others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.lorem()), { minLength: 1, maxLength: 20 }), async (texts) => {
        const together = await hash.embed(texts);
        const alone = await Promise.all(texts.map((text) => hash.embed([text])));
        expect(alone.flatMap((vector) => [...vector])).toEqual([...together]);
      }),
    );
  });
});

async function rows(texts: readonly string[]): Promise<number[][]> {
  const vectors = await hash.embed(texts);
  return texts.map((_, index) => [...vectors.subarray(index * dimensions, (index + 1) * dimensions)]);
}

async function cosine(left: string, right: string): Promise<number> {
  const [a = [], b = []] = await rows([left, right]);
  const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, d) => sum + value * (y[d] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
