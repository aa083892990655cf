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

test("what nobody changed has its beginning and nothing to undo", async () => {
  const { code, out } = await program.tilth("history", id);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^${id} {2}revision 1\n1 {2}20\\S+Z {2}(?:user|key):\\S+ {2}created\n$`));
});

test("shows changes newest first, long values shortened, whole with --json", async () => {
  const long = `Four to five centimetres deep, ${"in warm soil, ".repeat(12)}in May.`;
  await program.tilth("edit", id, "--set", `output=${long}`, "--reason", "too deep");
  await program.tilth("tag", id, "--add", "spring");
  const { out } = await program.tilth("history", id);
  expect(out).toMatch(
    /\n3 {2}\S+ {2}(?:user|key):\S+ {2}tag\n {2}tags {2}.*\["spring"\]\n\n2 {2}\S+ {2}(?:user|key):\S+ {2}edit: too deep\n/,
  );
  expect(out).toMatch(/messages\[1\]\.content {2}Half a metre deep, in May\. → Four to five centimetres deep, .*…\n/);
  expect(out).not.toContain(long);
  expect(out).toContain(`tilth undo ${id}`);
  expect(await program.json(0, "history", id)).toMatchObject({
    revisions: [{ rev: 3 }, { rev: 2, changed: [{ before: "Half a metre deep, in May.", after: long }] }],
  });
});

test("an unknown id is a wrong call", async () => {
  expect(await program.tilth("history", "01ZZZZZZ")).toMatchObject({ code: 2, out: "", err: expect.stringContaining("01ZZZZZZ") });
});
