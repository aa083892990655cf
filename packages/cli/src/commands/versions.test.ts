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

test("names the way to the first", async () => {
  const { code, out } = await program.tilth("versions", "garden-chats");
  expect([code, out]).toEqual([0, expect.stringContaining("garden-chats has no version yet.")]);
  expect(out).toContain("tilth commit garden-chats");
});

test("lists newest first with what changed, who and why", async () => {
  await program.tilth("commit", "garden-chats", "-m", "all of them");
  await program.tilth("commit", "garden-chats", "-m", "slugs alone", "--where", 'input contains "slugs"');
  const lines = (await program.tilth("versions", "Garden chats")).out.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^Version +Examples +\+ +~ +− +Bytes +When +Who +Message$/);
  expect(lines[1]).toMatch(/^1\.1 +1 +0 +0 +1 .* (?:user|key):\S+ +slugs alone$/);
  expect(lines[2]).toMatch(/^1\.0 +2 +2 +0 +0 .* all of them$/);
});

test("--json prints them", async () => {
  expect(await program.json(0, "versions", "garden-chats")).toMatchObject({
    dataset: "garden-chats",
    versions: [{ label: "1.1" }, { label: "1.0" }],
  });
});

test("an unknown dataset is a wrong call", async () => {
  expect(await program.tilth("versions", "nowhere")).toMatchObject({ code: 2, out: "" });
});
