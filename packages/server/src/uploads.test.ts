import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Uploads } from "./uploads.ts";
import { openUploads } from "./uploads.ts";

let folder: string;
let nowMs = Date.now();
const limits = { count: 2, bytes: 1_000, ageMs: 60_000, uploadBytes: 500 };
const reopen = (): Uploads => openUploads(folder, limits, () => nowMs);

beforeEach(async () => {
  nowMs = Date.now();
  folder = await mkdtemp(join(tmpdir(), "tilth-uploads-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* pieces(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test("a file that arrives in pieces is whole at the end, also over a restart", async () => {
  const { id } = await reopen().begin("user:ana", { name: "a.jsonl", total: 6 });
  expect(await reopen().add(id, "user:ana", { offset: 0, bytes: pieces("ab", "c") })).toMatchObject({ offset: 3, total: 6 });
  await expect(reopen().finished(id, "user:ana")).rejects.toMatchObject({ code: "upload/incomplete" });
  await reopen().add(id, "user:ana", { offset: 3, bytes: pieces("def") });
  const { path, name } = await reopen().finished(id, "user:ana");
  expect([await readFile(path, "utf8"), name]).toEqual(["abcdef", "a.jsonl"]);
});

test("where the connection ends, what arrived stays", async () => {
  const uploads = reopen();
  const { id } = await uploads.begin("user:ana", { name: "a" });
  async function* cut(): AsyncGenerator<Buffer> {
    yield Buffer.from("abc");
    throw new Error("gone");
  }
  await expect(uploads.add(id, "user:ana", { offset: 0, bytes: cut() })).rejects.toThrow("gone");
  expect(await uploads.find(id, "user:ana")).toMatchObject({ offset: 3 });
});

test("bytes behind those that are safe are written anew", async () => {
  const uploads = reopen();
  const { id } = await uploads.begin("user:ana", { name: "a" });
  await uploads.add(id, "user:ana", { offset: 0, bytes: pieces("abc") });
  await appendFile(join(folder, id, "data"), "left by a fall");
  await uploads.add(id, "user:ana", { offset: 3, bytes: pieces("def") });
  expect(await readFile((await uploads.finished(id, "user:ana")).path, "utf8")).toBe("abcdef");
});

test("refuses another offset, another caller, a second writer and more bytes than were announced", async () => {
  const uploads = reopen();
  const { id } = await uploads.begin("user:ana", { name: "a", total: 4 });
  await expect(uploads.add(id, "user:ana", { offset: 2, bytes: pieces("x") })).rejects.toMatchObject({ code: "upload/wrong-offset" });
  await expect(uploads.find(id, "user:ben")).rejects.toMatchObject({ code: "upload/not-found" });
  await expect(uploads.find("../../etc", "user:ana")).rejects.toMatchObject({ code: "upload/not-found" });
  const gate = Promise.withResolvers<Buffer>();
  async function* slow(): AsyncGenerator<Buffer> {
    yield await gate.promise;
  }
  const first = uploads.add(id, "user:ana", { offset: 0, bytes: slow() });
  await expect(uploads.add(id, "user:ana", { offset: 0, bytes: pieces("x") })).rejects.toMatchObject({ code: "upload/busy" });
  gate.resolve(Buffer.from("ab"));
  await first;
  await expect(uploads.add(id, "user:ana", { offset: 2, bytes: pieces("cde") })).rejects.toMatchObject({ code: "request/too-large" });
});

test("takes no more than it may and sweeps what nobody goes on with", async () => {
  const uploads = reopen();
  await expect(uploads.begin("user:ana", { name: "a", total: 501 })).rejects.toMatchObject({ code: "request/too-large" });
  const { id } = await uploads.begin("user:ana", { name: "a", total: 500 });
  await uploads.begin("user:ana", { name: "b", total: 500 });
  await expect(uploads.begin("user:ana", { name: "c" })).rejects.toMatchObject({ code: "upload/too-many" });
  await uploads.sweep();
  expect(await uploads.find(id, "user:ana")).toMatchObject({ name: "a" });
  nowMs += 120_000;
  await uploads.sweep();
  await expect(uploads.find(id, "user:ana")).rejects.toMatchObject({ code: "upload/not-found" });
});
