import { readdir, readFile, writeFile } from "node:fs/promises";
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

test("says how much was looked at, at every depth", { timeout: 30_000 }, async () => {
  await program.tilth("commit", "garden-chats");
  for (const depth of [[], ["--quick"], ["--deep"]]) {
    const { code, out } = await program.tilth("verify", ...depth);
    expect([code, out]).toEqual([0, expect.stringMatching(/^✓ 1 version, \d+ objects?, .*: nothing has changed\.\n$/)]);
  }
  expect(await program.json(0, "verify", "garden-chats@1.0")).toMatchObject({ problems: [], versions: 1 });
});

test("the answer to a changed byte is no: exit 1, with the object and its damage", async () => {
  const objects = await readdir(join(program.folder, ".tilth", "store", "objects"), { recursive: true, withFileTypes: true });
  const chunk = objects.find((entry) => entry.name.endsWith(".parquet"));
  const path = join(chunk?.parentPath ?? "", chunk?.name ?? "");
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(80) ^ 4, 80);
  await writeFile(path, bytes);
  const { code, out } = await program.tilth("verify");
  expect([code, out]).toEqual([1, expect.stringMatching(/^✗ 1 problem in \d+ objects\n {2}objects\/.*\.parquet\n {4}/)]);
  expect(await program.json(1, "verify")).toMatchObject({ problems: [{ object: expect.stringContaining(".parquet") }] });
});

test("an unknown version is a wrong call", async () => {
  expect(await program.tilth("verify", "garden-chats@9.9")).toMatchObject({ code: 2, out: "", err: expect.stringContaining("9.9") });
});
