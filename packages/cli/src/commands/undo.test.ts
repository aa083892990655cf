import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
let id: string;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
  const added = (await program.json(0, "add", "--input", "How deep do I sow beans?", "--output", "Half a metre deep, in May.")) as {
    readonly example: { readonly id: string };
  };
  id = added.example.id;
});
afterAll(() => program.end());

const undoOf = (out: string): string => /\nNext:\n {2}tilth undo (\w+) +undo\n$/.exec(out)?.[1] ?? "";

test("what came in cannot be undone: exit 4", async () => {
  expect(await program.tilth("undo", id)).toMatchObject({ code: 4, out: "", err: expect.stringContaining("no change to undo") });
});

test("the line that edit prints takes the edit back and shows what came back", async () => {
  const edited = await program.tilth("edit", id, "--set", "output=Four centimetres, in warm soil.");
  expect(undoOf(edited.out)).toBe(id);
  const { code, out } = await program.tilth("undo", undoOf(edited.out));
  expect(code).toBe(0);
  expect(out).toContain(`✓ Took back the last change of ${id}, revision 3`);
  expect(out).toContain("messages[1].content  Four centimetres, in warm soil. → Half a metre deep, in May.");
  expect(out).toContain(`tilth undo ${id}  make the change again`);
  expect(await program.json(0, "undo", id)).toMatchObject({ example: { rev: 4 }, changed: [{ after: "Four centimetres, in warm soil." }] });
});

test("the line that tag prints for one example takes several tags back", async () => {
  await program.tilth("tag", id, "--add", "beans");
  const { out } = await program.tilth("tag", id, "--add", "beans", "--add", "spring");
  await program.tilth("undo", undoOf(out));
  expect(await program.json(0, "show", id)).toMatchObject({ example: { tags: expect.arrayContaining(["beans"]) } });
  expect(await program.json(0, "show", id)).not.toMatchObject({ example: { tags: expect.arrayContaining(["spring"]) } });
});

test("an older revision is a conflict", async () => {
  expect(await program.tilth("undo", id, "--rev", "2")).toMatchObject({
    code: 4,
    err: expect.stringContaining("another change came first"),
  });
});
