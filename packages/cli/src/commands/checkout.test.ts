import { readdir } from "node:fs/promises";
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

test("writes the files and says where", async () => {
  await program.tilth("commit", "garden-chats");
  const out = join(program.folder, "plain");
  const ran = await program.tilth("checkout", "garden-chats", "--out", out);
  expect(ran.code).toBe(0);
  expect(ran.out).toContain(`✓ garden-chats@1.0 in ${out}`);
  expect(ran.out).toMatch(/examples +2\n/);
  expect(await readdir(out)).toContain("manifest.json");
  expect(await program.json(0, "checkout", "garden-chats@1.0", "--out", out)).toMatchObject({ created: false, rows: 2 });
});

test("a folder that holds something else is a conflict, what is not committed a wrong call", async () => {
  expect(await program.tilth("checkout", "garden-chats", "--out", program.folder)).toMatchObject({ code: 4, out: "" });
  expect(await program.tilth("checkout", "garden-chats@pool")).toMatchObject({ code: 2, err: expect.stringContaining("commit it first") });
});
