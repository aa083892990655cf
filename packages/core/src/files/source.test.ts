import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FileNote } from "../schema/file-kind.ts";
import { jsonl } from "./jsonl.ts";
import { fileSource, streamSource } from "./source.ts";
import { readInChild } from "./test-child.ts";
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

const isWindows = process.platform === "win32";
const isRoot = process.getuid?.() === 0;

test.skipIf(isRoot || isWindows)("a file without read permission is said (skipped for root, who may read everything)", async () => {
  const path = join(folder, "secret.jsonl");
  await writeFile(path, "{}");
  await chmod(path, 0o000);
  await expect(fileSource(path)).rejects.toMatchObject({ code: "input/unreadable", details: { reason: "permission denied" } });
});

test.skipIf(isWindows)("an endless device and a socket are refused, a named pipe is read once", async () => {
  await expect(fileSource("/dev/zero")).rejects.toThrow("/dev/zero is a device; only files and pipes are read.");
  const socket = join(folder, "socket");
  const server = createServer().listen(socket);
  await once(server, "listening");
  await expect(fileSource(socket)).rejects.toMatchObject({ code: "input/not-a-file", details: { what: "a socket" } });
  server.close();

  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const source = await fileSource(pipe);
  expect(source.rewindable).toBe(false);
  const [bytes] = await Promise.all([collect(source.open()), writeFile(pipe, "from a pipe")]);
  expect(bytes.toString()).toBe("from a pipe");
});

const line = `{"text":"${"x".repeat(89)}"}\n`;

test("a file that grows while it is read is read up to the size it had, and that is said once", async () => {
  const path = join(folder, "grows.jsonl");
  await writeFile(path, line.repeat(30_000));
  const source = await fileSource(path);
  await appendFile(path, line);
  const notes: FileNote[] = [];
  let rows = 0;
  for await (const batch of jsonl.read(source, { note: (note) => notes.push(note) })) {
    rows += batch.records.length;
    await appendFile(path, line);
  }
  expect(rows).toBe(30_000);
  expect(notes).toHaveLength(1);
  expect(notes[0]?.message).toMatch(/^The file grew while it was read: [\d,]+ bytes added meanwhile are not read\.$/);
});

test("a file that shrinks while it is read gives its rows up to there, then one problem", async () => {
  const path = join(folder, "shrinks.jsonl");
  await writeFile(path, line.repeat(30_000));
  const source = await fileSource(path);
  const rows: number[] = [];
  const problems: unknown[] = [];
  for await (const batch of jsonl.read(source, {})) {
    if (rows.length === 0) await truncate(path, 15_000 * line.length + 40);
    rows.push(...batch.records.flatMap((record) => ("problem" in record ? [] : [record.line])));
    problems.push(...batch.records.filter((record) => "problem" in record));
  }
  expect(rows).toHaveLength(15_000);
  expect(problems).toEqual([
    {
      problem: "it became shorter while it was read after 15,000 rows: line 15001 and what follows cannot be read",
      line: 15_001,
      raw: line.slice(0, 40),
    },
  ]);
});

test("standard input is recognised, read once and unpacked like a file", async () => {
  const rows = '{"a":1}\n{"a":2}\n';
  const plain = await readInChild(Readable.from([Buffer.from(rows)]));
  expect(plain).toMatchObject({ kind: "jsonl", rows: 2, problems: [], notes: [] });
  const packed = await readInChild(Readable.from([gzipSync(rows), gzipSync(rows)]));
  expect(packed).toMatchObject({ kind: "jsonl", rows: 4, problems: [], notes: ["Unpacked gzip."] });
  const nothing = await readInChild(Readable.from([]));
  expect(nothing.error).toMatchObject({ code: "input/empty", message: expect.stringContaining("standard input is empty") });
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
