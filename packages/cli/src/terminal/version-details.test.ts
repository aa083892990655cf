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
  await program.tilth("commit", "garden-chats", "-m", "all of them");
});
afterAll(() => program.end());

test("one version shows what it is, how it splits and what its rows are", async () => {
  const { code, out } = await program.tilth("versions", "Garden chats@1.0");
  expect(code).toBe(0);
  expect(out).toMatch(/^garden-chats@1\.0\n +examples +2\n +changes +2 added, 0 changed, 0 removed\n +message +all of them\n/);
  expect(out).toMatch(/\nSplits\n +train +\d/);
  expect(out).toMatch(/\n +input +\d+ characters in the middle, 95 % up to \d+, 26 to 28\n/);
  expect(out).toMatch(/\nKinds\n +chat +2 +█+ +100 %\n/);
  expect(out).toContain("tilth diff garden-chats@1.0");
});

test("a dataset tells what its newest version holds", async () => {
  expect((await program.tilth("dataset", "garden-chats")).out).toMatch(/it holds +2 examples: \d train, \d validation, \d test\n/);
});

test("--json prints the statistics", async () => {
  expect(await program.json(0, "versions", "garden-chats@latest")).toMatchObject({
    label: "1.0",
    statistics: { counts: { kind: { values: [{ value: "chat", rows: 2 }] } } },
  });
});
