import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
let sheet: string;
beforeAll(async () => {
  program = await openTestProgram(["social"]);
  sheet = join(program.folder, "sheet.csv");
  await writeFile(sheet, "body,hearts\ngm to the early birds,120\ngm to the owls,5\ngm to everybody else,300\n");
});
afterAll(() => program.end());

test("--map says what the columns mean, and the report shows it", async () => {
  const { code, out } = await program.tilth("import", sheet, "--map", "text=body", "--map", "engagement.likes=hearts|int", "--dry-run");
  expect(code).toBe(0);
  expect(out).toMatch(/format +map \(given with the import\)\n +map +text=body\n +map +engagement\.likes=hearts\|int\n/);
});

test("--min-likes refuses the others by that reason, --limit stops early", async () => {
  const map = ["--map", "text=body", "--map", "engagement.likes=hearts|int"];
  const { out } = await program.tilth("import", sheet, ...map, "--min-likes", "100", "--limit", "2");
  expect(out).toContain("1 × below-min-likes: fewer than 100 likes (line 3)");
  expect(out).toContain("Only the first 2 rows were read");
  expect(await program.json(0, "import", sheet, ...map, "--min-likes", "100")).toMatchObject({
    read: 3,
    accepted: 1,
    duplicate: 1,
    rejected: 1,
  });
});

test.each([
  ["a column the rows lack", ["--map", "text=bdy"], "body"],
  ["an entry that is none", ["--map", "text"], "equals sign"],
  ["a map nobody named", ["--map-name", "posts"], "posts"],
  ["a number that is none", ["--map", "text=body", "--limit", "few"], "limit"],
])("%s is a wrong call", async (_, args, told) => {
  expect(await program.tilth("import", sheet, ...args)).toMatchObject({ code: 2, err: expect.stringContaining(told) });
});
