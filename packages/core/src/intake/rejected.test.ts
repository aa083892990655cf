import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRedactor } from "../privacy/redactor.ts";
import type { RejectedRows } from "./rejected.ts";
import { openRejectedRows } from "./rejected.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-rejected-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function openIn(name: string, file: string): RejectedRows {
  return openRejectedRows({ folder: join(folder, name), file, redactor: createRedactor() });
}

test("makes nothing where nothing was refused", async () => {
  expect(await openIn("none", "posts.csv").close()).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});

test("lists line, reason and the record or its text, redacted, for its owner alone", async () => {
  const rejected = openIn("some", "/elsewhere/posts.csv");
  await rejected.add({ line: 2, reason: "empty-text", message: "no words", record: { from: "ana@example.org", "ben@example.org": [1] } });
  await rejected.add({ line: 7, reason: "unreadable", message: "cut off", raw: '{"mail": "ana@example.org' });
  const path = await rejected.close();
  expect(path).toBe(join(folder, "some", "posts.csv.rejected.jsonl"));
  const lines = (await readFile(path ?? "", "utf8")).split("\n").filter(Boolean);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { line: 2, reason: "empty-text", message: "no words", record: { from: "[REDACTED_EMAIL]", "[REDACTED_EMAIL]": [1] } },
    { line: 7, reason: "unreadable", message: "cut off", raw: '{"mail": "[REDACTED_EMAIL]' },
  ]);
  expect((await stat(path ?? "")).mode & 0o077).toBe(0);
});

test("keeps every row in order, also when they are many and long", async () => {
  const rejected = openIn("many", "input");
  const raw = "x".repeat(5_000);
  for (let line = 1; line <= 200; line++) await rejected.add({ line, reason: "unreadable", message: "no JSON", raw });
  const text = await readFile((await rejected.close()) ?? "", "utf8");
  expect(
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).line),
  ).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
});

test("a folder that cannot be made is the caller's error", async () => {
  const rejected = openRejectedRows({ folder: "/dev/null/imports", file: "input", redactor: createRedactor() });
  await expect(rejected.add({ line: 1, reason: "unreadable", message: "no JSON" })).rejects.toThrow(/ENOTDIR/);
  expect(await rejected.close()).toBeUndefined();
});
