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

const ids = async (where: string): Promise<readonly string[]> => {
  const page = (await program.json(0, "list", "--where", where)) as { readonly examples: readonly { readonly id: string }[] };
  return page.examples.map(({ id }) => id);
};

test("what is trashed is no longer listed, and how to take it back is printed", async () => {
  const [id = ""] = await ids("input contains slugs");
  const { code, out } = await program.tilth("trash", id, "--reason", "not ours");
  expect(code).toBe(0);
  expect(out).toContain("✓ Moved to the trash: 1 example");
  expect(out).toMatch(new RegExp(`tilth restore ${id} +undo`));
  expect(await ids("kind = chat")).toHaveLength(1);
  expect(await ids("lifecycle = trashed")).toEqual([id]);
});

test("what is there already is told", async () => {
  const [id = ""] = await ids("lifecycle = trashed");
  expect((await program.tilth("trash", id)).out).toBe("= Moved to the trash: 0 examples (1 more needed no change)\n");
});

test("an id that nobody has is exit 2", async () => {
  expect(await program.tilth("trash", "01ZZZZZZ")).toMatchObject({ code: 2, err: expect.stringContaining("01ZZZZZZ") });
});
