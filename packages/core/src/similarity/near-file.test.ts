import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { loadByteKernels } from "../text/kernels/load.ts";
import { findNearInFile } from "./near-file.ts";
import { findNearDuplicates } from "./near.ts";
import { inOrder, randomFrom } from "./test-near.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-near-"));
afterAll(() => rmSync(folder, { recursive: true }));
const base = { fields: ["text"], workers: 1 };

describe("what a file may hold", () => {
  test("accepts a byte order mark, CRLF, blank lines and a last line without an end", async () => {
    const path = write(
      "mixed.jsonl",
      `\uFEFF${row("one and two and three")}\r\n\r\n  \t\n${row("Four – five, six")}\n${row("one AND two and three!")}`,
    );
    const found = await findNearInFile(path, base);
    expect(found).toMatchObject({ rows: 3, kept: 2, brokenCount: 0, withoutText: 0, shingleWords: 3, threshold: 0.8 });
    expect([...found.witness]).toEqual([-1, -1, 0]);
    expect([...found.lines]).toEqual([1, 4, 5]);
    expect([...found.byteOffsets]).toEqual([3, 43, 73]);
  });

  test("counts broken lines and says where they are, and goes on", async () => {
    const lines = [row("a b c"), '{"text": "never ends', "[1, 2]", "17", row("a b c"), '{"text": "x"} rest'];
    const found = await findNearInFile(write("broken.jsonl", `${lines.join("\n")}\n`), base);
    expect([...found.lines]).toEqual([1, 5]);
    expect([...found.witness]).toEqual([-1, 0]);
    expect(found.brokenCount).toBe(4);
    expect(found.broken).toEqual([
      { line: 2, byteOffset: 17, problem: "not JSON" },
      { line: 3, byteOffset: 38, problem: "no JSON object" },
      { line: 4, byteOffset: 45, problem: "no JSON object" },
      { line: 6, byteOffset: 65, problem: "not JSON" },
    ]);
  });

  test("reads the named fields alone, escapes and all, one below the other", async () => {
    const rows = [
      { text: 'a "quoted" word', note: "same", answer: "yes it is" },
      { answer: "yes it is", text: 'A \\ "quoted"\u00a0word', meta: { text: "another" } },
      { text: 17, answer: "yes it is" },
      { other: "no field of those" },
    ];
    const path = write("fields.jsonl", rows.map((value) => JSON.stringify(value)).join("\n"));
    const found = await findNearInFile(path, { ...base, fields: ["text", "answer"] });
    expect([...found.witness]).toEqual([-1, 0, -1, -1]);
    expect(found.withoutText).toBe(1);
  });

  test("an empty file holds nothing", async () => {
    expect(await findNearInFile(write("empty.jsonl", ""), base)).toMatchObject({ rows: 0, kept: 0, brokenCount: 0 });
  });

  test("chooses the width of shingles by the length of the texts", async () => {
    const long = Array.from({ length: 300 }, (_, place) => `word${place}`).join(" ");
    expect((await findNearInFile(write("long.jsonl", row(long)), base)).shingleWords).toBe(5);
    expect((await findNearInFile(write("long.jsonl", row(long)), { ...base, shingleWords: 2 })).shingleWords).toBe(2);
  });
});

describe("ranges", () => {
  const random = randomFrom(21);
  const texts = Array.from({ length: 3000 }, () =>
    Array.from({ length: 5 + Math.floor(40 * random()) }, () => `w${Math.floor(3000 * random() ** 2)}`).join(" "),
  );
  const rows = texts.flatMap((text, at) => (at % 4 === 0 ? [text, `${text} now`] : [text]));
  const path = write("ranges.jsonl", rows.map((text, at) => (at % 50 === 7 ? "\n{broken\n" : "") + row(text)).join("\n"));

  test.each(["exact", "bands"] as const)("the result is that of all sets at once, %s, with any number of threads", async (mode) => {
    const sets = loadByteKernels().shingleSets(rows, 3);
    const direct = findNearDuplicates(sets, { order: inOrder(rows.length), shingleWords: 3, mode, threshold: 0.7 });
    const one = await findNearInFile(path, { ...base, mode, threshold: 0.7 });
    const three = await findNearInFile(path, { ...base, workers: 3, rangeBytes: 10_000, mode, threshold: 0.7 });
    expect(direct.kept).toBeLessThan(rows.length - 500);
    expect(one.witness).toEqual(direct.witness);
    expect(one.similarity).toEqual(direct.similarity);
    expect(one.weight).toEqual(direct.weight);
    expect(three).toEqual(one);
    expect(one.brokenCount).toBe(rows.filter((_, at) => at % 50 === 7).length);
  });

  test("any size of ranges gives the same rows, also where lines begin exactly at a boundary", async () => {
    const line = fc.oneof(
      fc.constantFrom("", "\r", "{", row("é–🎀"), row("same text of words"), row("")),
      fc.string({ maxLength: 12 }).map(row),
    );
    const file = fc.tuple(fc.array(line, { maxLength: 12 }), fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(file, fc.integer({ min: 1, max: 40 }), async ([lines, marked, ended], rangeBytes) => {
        const name = write("property.jsonl", `${marked ? "\uFEFF" : ""}${lines.join("\n")}${ended ? "\n" : ""}`);
        expect(await findNearInFile(name, { ...base, rangeBytes })).toEqual(await findNearInFile(name, base));
      }),
      { numRuns: 5 },
    );
  });

  test("a line that is longer than what a range reads ahead belongs to the range it begins in", async () => {
    const long = Array.from({ length: 60_000 }, (_, place) => `w${place}`).join(" ");
    const name = write("long-lines.jsonl", [row("short"), row(long), row(long), row("short")].join("\n"));
    const found = await findNearInFile(name, { ...base, rangeBytes: 1000 });
    expect([...found.witness]).toEqual([-1, -1, 1, 0]);
  });

  test("tells how far it has come", async () => {
    const seen: number[] = [];
    await findNearInFile(path, { ...base, rangeBytes: 50_000, onProgress: ({ bytesRead, sizeBytes }) => seen.push(bytesRead / sizeBytes) });
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  test("stops when it is aborted", async () => {
    const stop = new AbortController();
    const run = findNearInFile(path, { ...base, rangeBytes: 1000, signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) });
    await expect(run).rejects.toThrow("enough");
    await expect(findNearInFile(path, { ...base, signal: AbortSignal.abort(new Error("at once")) })).rejects.toThrow("at once");
  });
});

test("refuses what cannot be read", async () => {
  await expect(findNearInFile(join(folder, "missing.jsonl"), base)).rejects.toMatchObject({ code: "input/not-found" });
  await expect(findNearInFile(folder, base)).rejects.toMatchObject({ code: "input/is-directory" });
  const path = write("one.jsonl", row("one"));
  await expect(findNearInFile(path, { ...base, workers: 0 })).rejects.toMatchObject({ code: "input/invalid" });
  await expect(findNearInFile(path, { ...base, threshold: 2 })).rejects.toMatchObject({ code: "input/invalid" });
});

function row(text: string): string {
  return JSON.stringify({ text });
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
