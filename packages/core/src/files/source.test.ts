import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileSource, streamSource } from "./source.ts";
import { collect, streamOf } from "./test-sources.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-source-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a file tells its size, can be looked into and opened again and again", async () => {
  const path = join(folder, "a.txt");
  await writeFile(path, "hello world");
  const source = await fileSource(path);
  expect(source).toMatchObject({ name: path, sizeBytes: 11, rewindable: true });
  expect(Buffer.from(await source.head(5)).toString()).toBe("hello");
  expect((await collect(source.open())).toString()).toBe("hello world");
  expect((await collect(source.open())).toString()).toBe("hello world");
});

test.each([
  ["a file that is not there", "missing.jsonl", "input/not-found"],
  ["a folder", "", "input/is-directory"],
  ["a name the system refuses", "x".repeat(5000), "input/unreadable"],
])("says clearly that %s cannot be read", async (_, name, code) => {
  const path = join(folder, name);
  await expect(fileSource(path)).rejects.toMatchObject({ name: "TilthError", code });
  await expect(fileSource(path)).rejects.toThrow(path);
});

test("a file that vanishes after it was named is an error of ours too", async () => {
  const path = join(folder, "gone.txt");
  await writeFile(path, "x");
  const source = await fileSource(path);
  await rm(path);
  await expect(collect(source.open())).rejects.toMatchObject({ code: "input/not-found" });
});

test("looking into a pipe takes nothing away from it", async () => {
  const source = streamSource("pipe", streamOf([Buffer.from("ab"), Buffer.from("cd"), Buffer.from("ef")]));
  expect(Buffer.from(await source.head(3)).toString()).toBe("abc");
  expect(Buffer.from(await source.head(100)).toString()).toBe("abcdef");
  expect((await collect(source.open())).toString()).toBe("abcdef");
});

test("a pipe is opened once", async () => {
  const source = streamSource("pipe", streamOf([Buffer.from("ab")]));
  await collect(source.open());
  await expect(collect(source.open())).rejects.toMatchObject({ code: "input/read-once" });
  await expect(source.head(1)).rejects.toMatchObject({ code: "input/read-once" });
});

test("leaving a pipe early closes it", async () => {
  let isClosed = false;
  async function* endless(): AsyncIterable<Uint8Array> {
    try {
      for (;;) {
        await Promise.resolve();
        yield Buffer.from("x");
      }
    } finally {
      isClosed = true;
    }
  }
  for await (const _ of streamSource("pipe", endless()).open()) break;
  expect(isClosed).toBe(true);
});
