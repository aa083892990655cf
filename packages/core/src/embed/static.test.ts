import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sha256Hex } from "../text/hash.ts";
import { openStaticEmbedder, shippedTable } from "./static.ts";

const folder = await mkdtemp(join(tmpdir(), "tilth-embed-"));
afterAll(() => rm(folder, { recursive: true }));

describe("static-v2", () => {
  test("is the table that its notice describes, below 10 MB", () => {
    const bytes = readFileSync(shippedTable);
    const notice = readFileSync(new URL("./static-v2.NOTICE.md", import.meta.url), "utf8");
    expect(notice).toContain(sha256Hex(bytes));
    expect(bytes.length).toBeLessThan(10e6);
  });

  test("says what an index must remember", async () => {
    const { id, version, dimensions, backgroundCosine } = await openStaticEmbedder();
    expect({ id, dimensions, backgroundCosine }).toEqual({ id: "static-v2", dimensions: 256, backgroundCosine: 0.04 });
    expect(version).toMatch(/^1\.[0-9a-f]{12}$/);
    expect(sha256Hex(readFileSync(shippedTable))).toContain(version.slice(2));
  });

  test("a paraphrase lies nearer than another subject", async () => {
    const question = "How do I reset my password?";
    const near = await cosine(question, "How can I change a forgotten password?");
    expect(near).toBeGreaterThan(0.7);
    expect(near).toBeGreaterThan((await cosine(question, "The weather will be sunny tomorrow.")) + 0.4);
  });

  test("order, case, accents and space change nothing; vectors are canonical", async () => {
    const [plain, other] = await rows(["cafe society at the sea", "  SOCIETY\tat the Café\u200b\nSEA "]);
    expect(Math.max(...(plain ?? []).map(Math.abs))).toBe(127);
    expect(await cosine("cafe society at the sea", "  SOCIETY\tat the Café\u200b\nSEA ")).toBeGreaterThan(0.999);
    expect(other).toHaveLength(256);
  });

  test.each([
    ["nothing", ""],
    ["space", " \n\t "],
    ["a word that no piece begins", "\u{1f9ff}"],
    ["a lone surrogate", "\ud800"],
    ["controls", "\u0000\u0007"],
    ["101 letters in a row", "a".repeat(101)],
  ])("%s has no direction", async (_, text) => {
    expect((await rows([text]))[0]?.every((value) => value === 0)).toBe(true);
  });

  test("an invalid unit inside a text is passed over", async () => {
    expect(await rows(["the red\udc00 house"])).toEqual(await rows(["the red house"]));
  });

  test.each([
    ["a megabyte without a space", "x".repeat(2 ** 20)],
    ["a megabyte of punctuation", "!".repeat(2 ** 20)],
    ["a megabyte of accents behind one letter, in the wrong order", `a${"\u0301\u0323".repeat(2 ** 19)}`],
    ["a megabyte of ideographs", "\u6c34".repeat(2 ** 20)],
    ["a megabyte of different words as long as may be", longWords(2 ** 20)],
  ])("%s is done in time", async (_, text) => {
    expect(await rows([text, "the end"])).toHaveLength(2);
  });

  test("a text has the same vector alone, among others and in plain TypeScript", async () => {
    const twin = await openStaticEmbedder({ wasm: false });
    const embedder = await openStaticEmbedder();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.lorem()), { minLength: 1, maxLength: 20 }), async (texts) => {
        const together = await embedder.embed(texts);
        expect(await twin.embed(texts)).toEqual(together);
        const alone = await Promise.all(texts.map((text) => embedder.embed([text])));
        expect(alone.flatMap((vector) => [...vector])).toEqual([...together]);
      }),
    );
  });

  test("what was forgotten is found again: more words than are remembered", async () => {
    const words = Array.from({ length: 70_000 }, (_, index) => `w${index} house`);
    const embedder = await openStaticEmbedder();
    const before = await embedder.embed(words.slice(0, 50));
    await embedder.embed(words);
    expect(await embedder.embed(words.slice(0, 50))).toEqual(before);
  });
});

describe("a table that cannot be used", () => {
  const whole = readFileSync(shippedTable);

  test("is an error that names it, and the same place can serve later", async () => {
    const table = pathToFileURL(join(folder, "later.bin"));
    await expect(openStaticEmbedder({ table })).rejects.toMatchObject({
      code: "embed/table-unreadable",
      details: { path: fileURLToPath(table) },
    });
    writeFileSync(table, whole);
    expect((await openStaticEmbedder({ table })).id).toBe("static-v2");
  });

  test.each([
    ["empty.bin", new Uint8Array(0), "it has only 0 bytes"],
    ["text.bin", Buffer.from("a text of another kind"), "it is no table of word pieces"],
    ["cut.bin", whole.subarray(0, whole.length - 1), /bytes were written and/],
    ["head.bin", whole.subarray(0, 40), /its head is not valid/],
    ["newer.bin", changed(8, 3), "its layout is version 3"],
  ])("%s", async (name, bytes, reason) => {
    const table = pathToFileURL(join(folder, name));
    writeFileSync(table, bytes);
    await expect(openStaticEmbedder({ table })).rejects.toThrow(reason);
  });

  function changed(at: number, value: number): Uint8Array {
    const bytes = Uint8Array.from(whole);
    bytes[at] = value;
    return bytes;
  }
});

async function rows(texts: readonly string[]): Promise<number[][]> {
  const embedder = await openStaticEmbedder();
  const { dimensions } = embedder;
  const vectors = await embedder.embed(texts);
  return texts.map((_, index) => [...vectors.subarray(index * dimensions, (index + 1) * dimensions)]);
}

async function cosine(left: string, right: string): Promise<number> {
  const [a = [], b = []] = await rows([left, right]);
  const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, d) => sum + value * (y[d] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function longWords(length: number): string {
  let state = 1;
  const letter = (): string => String.fromCharCode(97 + (((state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16) % 26));
  return Array.from({ length }, (_, index) => (index % 101 === 100 ? " " : letter())).join("");
}
