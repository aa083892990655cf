import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

interface Answer {
  readonly example: { readonly id: string; readonly rev: number };
}

let program: TestProgram;
let id: string;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
  const added = (await program.json(0, "add", "--input", "How deep do I sow beans?", "--output", "Half a metre deep, in May.")) as Answer;
  id = added.example.id;
});
afterAll(() => program.end());

test("sets fields and shows what they were", async () => {
  const { code, out } = await program.tilth(
    "edit",
    id,
    "--set",
    "output=Four to five centimetres, in warm soil.",
    "--set",
    "tags=beans,spring",
    "--score",
  );
  expect(code).toBe(0);
  expect(out).toContain(`✓ Edited ${id}, revision 2`);
  expect(out).toContain("messages[1].content  Half a metre deep, in May. → Four to five centimetres, in warm soil.");
  expect(out).toMatch(/tags +\[\] → \["beans","spring"\]/);
  expect(out).toMatch(/score +0\.\d\d, \w+ \(base/);
});

test("a value may hold equals signs and lines; without one the field is emptied", async () => {
  await program.tilth("edit", id, "--set", "topic=a=b\nc");
  expect(await program.json(0, "show", id)).toMatchObject({ example: { topic: "a=b\nc" } });
  const { out } = await program.tilth("edit", id, "--set", "topic=");
  expect(out).toMatch(/topic +a=b c → –/);
});

test("an edit that changes nothing says so", async () => {
  expect(await program.tilth("edit", id, "--set", "tags=beans,spring")).toMatchObject({
    code: 0,
    out: expect.stringContaining("Nothing has changed"),
  });
});

test("an older revision is exit 4 and shows both values", async () => {
  const { code, err } = await program.tilth("edit", id, "--rev", "1", "--set", "tags=winter");
  expect(code).toBe(4);
  expect(err).toMatch(/tags is now .*beans.*the edit says .*winter/);
});

test("what equals another example is exit 4 and names it", async () => {
  const twin = (await program.json(0, "add", "--input", "How deep do I sow beans?", "--output", "Two fingers deep.")) as Answer;
  const { code, err } = await program.tilth("edit", id, "--set", "output=Two fingers deep.");
  expect(code).toBe(4);
  expect(err).toContain(twin.example.id);
});

test.each([
  ["no field", "topic", "FIELD=VALUE"],
  ["an unknown field", "topik=x", "nearest is topic"],
  ["a computed field", "quality=1", "--score"],
])("%s is a wrong call", async (_, assignment, told) => {
  expect(await program.tilth("edit", id, "--set", assignment)).toMatchObject({ code: 2, err: expect.stringContaining(told) });
});

test("without --set it needs somebody in front of an editor", async () => {
  expect(await program.tilth("edit", id)).toMatchObject({ code: 2, err: expect.stringContaining("on a terminal") });
});
