import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readRange } from "./near-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-near-lines-"));
afterAll(() => rmSync(folder, { recursive: true }));

const line = fc.oneof(
  fc.constantFrom("", "\r", " ", "{", "[]", `{"text":"é–🎀"}`, `{"text":"a"}\r`, `{"text":""}`, `{"other":1}`),
  fc.string({ maxLength: 12 }).map((text) => JSON.stringify({ text })),
);

test("ranges own every line once, wherever they meet", () => {
  const file = fc.tuple(fc.array(line, { maxLength: 12 }), fc.boolean(), fc.boolean());
  fc.assert(
    fc.property(file, fc.integer({ min: 1, max: 40 }), ([lines, marked, ended], rangeBytes) => {
      const text = `${marked ? "\uFEFF" : ""}${lines.join("\n")}${ended ? "\n" : ""}`;
      expect(readAll(text, rangeBytes)).toEqual(readAll(text, 1 << 20));
    }),
    { numRuns: 400 },
  );
});

test("a range that begins with a line owns it", () => {
  const first = '{"text":"one"}\n';
  expect(readAll(`${first}{"text":"two"}\n`, first.length)).toMatchObject({
    texts: ["one", "two"],
    byteOffsets: [0, first.length],
    lineCount: 2,
  });
});

test("counts lines, rows and rows without text for themselves", () => {
  expect(readAll('\n{"text":"a"}\r\n{"n":1}\nnot json\n\n', 5)).toEqual({
    texts: ["a", ""],
    byteOffsets: [1, 15],
    lines: [1, 2],
    broken: [3],
    lineCount: 5,
    withoutText: 1,
  });
});

/** Reads a file range by range, and counts lines on from one to the next. */
function readAll(text: string, rangeBytes: number): object {
  const path = join(folder, "file.jsonl");
  writeFileSync(path, text);
  const sizeBytes = Buffer.byteLength(text);
  const file = openSync(path, "r");
  const all = {
    texts: [] as string[],
    byteOffsets: [] as number[],
    lines: [] as number[],
    broken: [] as number[],
    lineCount: 0,
    withoutText: 0,
  };
  for (let start = 0; start < sizeBytes; start += rangeBytes) {
    const range = readRange(file, start, Math.min(sizeBytes, start + rangeBytes), ["text"]);
    all.texts.push(...range.texts);
    all.byteOffsets.push(...range.byteOffsets);
    all.lines.push(...Array.from(range.lines, (own) => own + all.lineCount));
    all.broken.push(...range.broken.map((own) => own.line + all.lineCount));
    all.lineCount += range.lineCount;
    all.withoutText += range.withoutText;
  }
  closeSync(file);
  return all;
}
