import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["social"]);
  const rows = [
    { kind: "text", text: "sow the beans four centimetres deep in warm soil", type: "gm" },
    { kind: "text", text: "sow the peas four centimetres deep in cold soil", type: "gm" },
    { kind: "text", text: "sow beans and peas\u001b[31m in soil", type: "insight" },
  ];
  await program.tilth("import", await program.writeRows("posts.jsonl", rows));
});
afterAll(() => program.end());

async function idOf(words: string): Promise<string> {
  const found = (await program.json(0, "search", words)) as { hits: { id: string }[] };
  return found.hits[0]?.id ?? "";
}

test("shows what is most like an example, nearest first, and why", async () => {
  const id = await idOf("warm");
  const { code, out } = await program.tilth("similar", id);
  expect(code).toBe(0);
  expect(out).toMatch(/^01\w{24} {2}sow the beans four/);
  expect(out).toMatch(/\n {2}0\.\d\d like 01\w{24} \(words 0\.64, phrases 0\.17, meaning \d\.\d\d\)\n {7}sow the peas four/);
  expect(out).not.toContain("\u001b");
  expect(await program.json(0, "similar", id, "--limit", "1", "--type", "insight")).toMatchObject({
    id,
    neighbours: [{ type: "insight" }],
  });
});

test("an unknown id, type or number is a wrong call", async () => {
  expect(await program.tilth("similar", "01K9QQQQ")).toMatchObject({ code: 2, err: expect.stringContaining("example/not-found") });
  const id = await idOf("warm");
  expect(await program.tilth("similar", id, "--type", "gn")).toMatchObject({ code: 2, err: expect.stringContaining("did you mean gm?") });
  expect(await program.tilth("similar", id, "--limit", "many")).toMatchObject({ code: 2, err: expect.stringContaining("limit") });
});
