import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { exchanges, openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
  await program.tilth(
    "import",
    await program.writeRows("chats.jsonl", exchanges),
    "--format",
    "prompt-response",
    "--dataset",
    "Garden chats",
  );
});
afterAll(() => program.end());

test("says what was written, as what and where", async () => {
  await program.tilth("commit", "garden-chats");
  const out = join(program.folder, "files");
  const ran = await program.tilth("export", "garden-chats@1.0", "--format", "openai-chat", "--no-split", "--out", out);
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(/^✓ Wrote garden-chats@1\.0 as openai-chat\n/);
  expect(ran.out).toMatch(/examples +2 read, 2 written, 0 refused\n/);
  const [, file = ""] = / {2}file +(\S+) {2}2 rows, /.exec(ran.out) ?? [];
  expect(
    (await readFile(join(out, file), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).messages.length),
  ).toEqual([2, 2]);
  expect(ran.out).toMatch(new RegExp(`folder +${out}\n$`));
});

test("a dry run counts and writes nothing", async () => {
  const out = join(program.folder, "nothing");
  const ran = await program.tilth("export", "garden-chats@pool", "--dry-run", "--out", out);
  expect([ran.code, ran.out]).toEqual([0, expect.stringMatching(/^✓ Would write garden-chats@pool as tilth\n/)]);
  expect(ran.out).not.toContain("folder");
  expect(existsSync(out)).toBe(false);
});

test("when every example is refused the exit code is 3, and the reason is told", async () => {
  const ran = await program.tilth("export", "garden-chats@pool", "--format", "trl-preference", "--dry-run");
  expect([ran.code, ran.out]).toEqual([3, expect.stringMatching(/^! Would write /)]);
  expect(ran.out).toMatch(/refused +2 examples: /);
});

test("--json prints the counts; settings reach the format", async () => {
  const out = join(program.folder, "table");
  expect(await program.json(0, "export", "garden-chats", "--format", "csv", "--no-split", "--no-metadata", "--out", out)).toMatchObject({
    format: "csv",
    rows: 2,
    files: [{ rows: 2 }],
  });
  const [name = ""] = (await readdir(out)).filter((file) => file.endsWith(".csv"));
  expect((await readFile(join(out, name), "utf8")).split("\n")[0]).not.toContain("metadata");
});

test.each([
  ["an unknown format", ["garden-chats", "--format", "openai-chta"], "openai-chat"],
  ["unknown columns", ["garden-chats", "--columns", "modern"], "classic"],
  ["a seed that is no number", ["garden-chats", "--seed", "x"], "seed"],
  ["an unknown version", ["garden-chats@9.9"], "9.9"],
])("%s is a wrong call", async (_, args, told) => {
  expect(await program.tilth("export", ...args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(told) });
});
