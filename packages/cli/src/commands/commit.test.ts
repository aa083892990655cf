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

test("freezes a dataset, says what changed, and what to do next", async () => {
  const { code, out } = await program.tilth("commit", "Garden chats", "-m", "first");
  expect(code).toBe(0);
  expect(out).toMatch(/^✓ garden-chats@1\.0\n/);
  expect(out).toMatch(/examples +2\n/);
  expect(out).toMatch(/since before +2 added, 0 changed, 0 removed\n/);
  expect(out).toMatch(/checksum +[0-9a-f]{64}\n/);
  expect(out).toContain("tilth export garden-chats@1.0 --format openai-chat");
});

test("says that nothing has changed", async () => {
  expect(await program.tilth("commit", "garden-chats")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Nothing has changed since garden-chats@1\.0: no new version\.\n/),
  });
});

test("--where keeps a recipe, --major raises the first number, --json tells it all", async () => {
  const made = await program.json(0, "commit", "garden-chats", "--where", 'input contains "slugs"', "--major");
  expect(made).toMatchObject({ label: "2.0", rows: 1, removed: 1, created: true });
});

test.each([
  ["an unknown dataset", ["nowhere"], 2],
  ["no dataset", [], 2],
  ["a source it does not know", ["garden-chats", "--from", "trash"], 2],
  ["a filter it cannot read", ["garden-chats", "--where", "kind ="], 2],
])("%s is a wrong call", async (_, args, code) => {
  expect(await program.tilth("commit", ...args)).toMatchObject({ code, out: "" });
});
