import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { exchanges, openTestProgram, run } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
  const rows = await program.writeRows("chats.jsonl", exchanges);
  await program.tilth("import", rows, "--format", "prompt-response", "--dataset", "Garden chats");
  await program.tilth("commit", "garden-chats");
});
afterAll(() => program.end());

test("says what was copied, and the copy answers as the workspace does", { timeout: 30_000 }, async () => {
  const folder = join(program.folder, "backup");
  const { code, out } = await program.tilth("backup", folder);
  expect(code).toBe(0);
  expect(out).toContain(`✓ Backed up to ${folder}`);
  expect(out).toMatch(/keys +left out: .*--with-keys/);
  expect(out).toContain(`tilth verify -w ${folder}`);
  expect((await run(["stats", "-w", folder])).out).toBe((await program.tilth("stats")).out);
  expect(await run(["verify", "-w", folder])).toMatchObject({ code: 0, out: expect.stringContaining("nothing has changed") });
});

test("with keys, as one value", async () => {
  const folder = join(program.folder, "whole");
  expect(await program.json(0, "backup", folder, "--with-keys")).toMatchObject({ folder, withKeys: true });
  expect(await run(["add", "--input", "Who?", "--output", "The heron.", "-w", folder])).toMatchObject({ code: 0 });
});

test("a folder that holds something is a conflict", async () => {
  expect(await program.tilth("backup", program.folder)).toMatchObject({ code: 4, out: "", err: expect.stringContaining("is not empty") });
});
