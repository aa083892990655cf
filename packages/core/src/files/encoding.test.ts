import { describe, expect, test } from "vitest";
import { decodeHead, textChunks, utf8Chunks } from "./encoding.ts";
import { bytesSource, collect, pipeSource } from "./test-sources.ts";
import type { ByteSource, FileReadOptions } from "../schema/file-kind.ts";

async function decode(source: ByteSource, options: FileReadOptions = {}): Promise<{ text: string; said: readonly string[] }> {
  const said: string[] = [];
  const bytes = await collect(utf8Chunks(source, { ...options, note: (note) => said.push(note.message) }));
  return { text: bytes.toString("utf8"), said };
}

const text = '{"text": "Grüße, 世界 😀"}\n'.repeat(40);
const bigEndian = (value: string): Buffer => Buffer.from(value, "utf16le").swap16();
const mark = (value: string): string => `\ufeff${value}`;

describe.each([
  ["a file", bytesSource],
  ["a pipe", pipeSource],
])("%s", (_, open) => {
  test.each([1, 3, 7, 1 << 20])("in chunks of %i bytes is read in the encoding it was written in", async (chunkBytes) => {
    for (const bytes of [
      Buffer.from(text),
      Buffer.from(mark(text)),
      Buffer.from(text, "utf16le"),
      Buffer.from(mark(text), "utf16le"),
      bigEndian(text),
      bigEndian(mark(text)),
    ]) {
      expect((await decode(open(bytes, chunkBytes))).text).toBe(text);
    }
  });

  test("that is plain UTF-8 says nothing, UTF-16 is said", async () => {
    expect((await decode(open(text))).said).toEqual([]);
    expect((await decode(open(Buffer.from(text, "utf16le")))).said).toEqual(["Read as utf-16le: every other byte of its start is zero."]);
  });

  test.each([1, 2, 5, 100])("reads surrogate pairs in chunks of %i bytes as their characters and counts them", async (chunkBytes) => {
    const pair = Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]);
    const bytes = Buffer.concat([Buffer.from("Grüße "), pair, Buffer.from(" ü "), pair]);
    expect(await decode(open(bytes, chunkBytes))).toEqual({
      text: "Grüße 😀 ü 😀",
      said: ["Read as UTF-8: 2 characters are written as two surrogates, the first at byte 8."],
    });
  });

  test("obeys the encoding it is told", async () => {
    const { text: read, said } = await decode(open(Buffer.from([0x93, 0xfa, 0x96, 0x7b])), { encoding: "Shift_JIS" });
    expect({ read, said }).toEqual({ read: "日本", said: ["Read as shift_jis: as asked for."] });
    await expect(decode(open("x"), { encoding: "klingon" })).rejects.toMatchObject({ code: "input/invalid" });
  });

  test("that calls itself UTF-8 keeps its good letters around a bad byte", async () => {
    const bytes = Buffer.concat([Buffer.from(mark("Grüße ")), Buffer.from([0xe9, 0x80]), Buffer.from("é")]);
    expect(await decode(open(bytes))).toEqual({
      text: "Grüße \ufffdé",
      said: ["Read as UTF-8: 1 place is replaced by U+FFFD, the first at byte 11."],
    });
  });
});

test("a file with one byte that is not UTF-8 is windows-1252 from its start, and the byte is named", async () => {
  const bytes = Buffer.concat([Buffer.from("price: 5 "), Buffer.from([0x80]), Buffer.from(" caf"), Buffer.from([0xe9])]);
  expect(await decode(bytesSource(bytes, 2))).toEqual({ text: "price: 5 € café", said: ["Read as windows-1252: byte 9 is not UTF-8."] });
});

test("a surrogate pair beside another fault does not make a file CESU-8", async () => {
  const bytes = Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80, 0xff]);
  expect((await decode(bytesSource(bytes))).said).toEqual(["Read as windows-1252: byte 0 is not UTF-8."]);
});

test("a pipe turns to windows-1252 at its first fault and keeps what it read before", async () => {
  const bytes = Buffer.concat([Buffer.from("Grüße "), Buffer.from([0xe9, 0x20, 0xfc]), Buffer.from(" end")]);
  for (const chunkBytes of [1, 4, 100]) {
    expect(await decode(pipeSource(bytes, chunkBytes))).toEqual({
      text: "Grüße é ü end",
      said: ["Read as windows-1252 from byte 8 on, the first that is not UTF-8."],
    });
  }
});

test("the undefined bytes of windows-1252 become control characters, never an error", async () => {
  expect((await decode(bytesSource(Buffer.from([0x81, 0x8d, 0x8f, 0x90, 0x9d, 0xff, 0x41])))).text).toBe("\x81\x8d\x8f\x90\x9dÿA");
});

test("text comes in whole characters", async () => {
  const chunks: string[] = [];
  for await (const chunk of textChunks(bytesSource("aü世😀", 1), {})) chunks.push(chunk);
  expect(chunks).toEqual(["a", "ü", "世", "😀"]);
});

test("the head of a file is decoded although it ends inside a character", () => {
  expect(decodeHead(Buffer.from("世界").subarray(0, 4))).toBe("世");
  expect(decodeHead(Buffer.from([0x63, 0xe9, 0x20]))).toBe("cé ");
  expect(decodeHead(Buffer.from(mark("a")))).toBe("a");
});

test("reading stops when it is told to", async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(decode(bytesSource("x"), { signal: controller.signal })).rejects.toThrow("aborted");
});
