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

const listed = async (...args: readonly string[]): Promise<readonly string[]> => {
  const page = (await program.json(0, "list", ...args)) as { readonly examples: readonly { readonly id: string }[] };
  return page.examples.map(({ id }) => id);
};

test("the line that trash prints brings back exactly what it took", async () => {
  const before = await listed();
  await program.tilth("trash", before[0] ?? "");
  const { out } = await program.tilth("trash", "--dataset", "Garden chats");
  expect(await listed()).toEqual([]);
  const [, id = ""] = /tilth restore (\w+) +undo/.exec(out) ?? [];
  expect(await program.tilth("restore", id)).toMatchObject({ code: 0, out: expect.stringContaining("✓ Brought back 1 example") });
  expect(await listed()).toEqual(before.slice(1));
});

test("by a filter, what fits in the trash and nothing else", async () => {
  expect(await program.json(0, "restore", "--where", "kind = chat", "--dry-run")).toMatchObject({ matched: 1, changed: 1, dryRun: true });
  const { out } = await program.tilth("restore", "--where", "kind = chat");
  expect(out).toContain("✓ Brought back 1 example");
  expect(out).toMatch(/tilth trash 01\w+ +undo/);
  expect(await listed()).toHaveLength(2);
});

test("what nobody trashed is told", async () => {
  const [id = ""] = await listed();
  expect((await program.tilth("restore", id)).out).toBe("= Brought back 0 examples (1 more needed no change)\n");
  expect(await program.tilth("restore", "01ZZZZZZ")).toMatchObject({ code: 2, err: expect.stringContaining("01ZZZZZZ") });
});
