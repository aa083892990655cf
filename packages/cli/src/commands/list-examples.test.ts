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

test("shows a line an example, newest first", async () => {
  const { code, out } = await program.tilth("list");
  expect(code).toBe(0);
  const [title, ...lines] = out.trimEnd().split("\n");
  expect(title).toMatch(/^Id +Kind +Domain +Tier +Text$/);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^01[0-9A-Z]{24} {2}chat .* Whom do I ask about slugs\?$/);
});

test("goes on with the cursor it names", async () => {
  const first = await program.tilth("list", "--limit", "1");
  const [, cursor = ""] = /--cursor (\S+)/.exec(first.out) ?? [];
  const second = await program.tilth("list", "-l", "1", "--cursor", cursor);
  expect(second.out).toContain("How deep should I sow beans?");
  expect(second.out).not.toContain("--cursor");
});

test("takes a dataset and a filter, and says when nothing fits", async () => {
  expect((await program.tilth("list", "Garden chats", "--where", 'input contains "slugs"')).out).toContain("slugs");
  expect(await program.tilth("list", "--where", "kind = steps")).toMatchObject({ code: 0, out: "No example fits.\n" });
});

test("--json prints the page", async () => {
  const page = await program.json(0, "list", "--limit", "1");
  expect(page).toMatchObject({ examples: [{ kind: "chat" }], next: expect.any(String) });
});

test.each([
  ["a filter", ["--where", "qualty.tier = gold"], "quality.tier"],
  ["a limit that is no number", ["--limit", "many"], "limit"],
  ["a limit that is too high", ["--limit", "1001"], "limit"],
  ["a dataset", ["gardn-chats"], "garden-chats"],
])("%s that cannot be understood is a wrong call", async (_, args, told) => {
  expect(await program.tilth("list", ...args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(told) });
});
