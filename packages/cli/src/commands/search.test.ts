import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram([]);
  await program.tilth("add", "--text", "The first frost came on the ninth of October.", "-d", "Weather");
  await program.tilth("add", "--text", "Frost in May kills the blossom of the pear.");
  await program.tilth("add", "--input", "When is the last frost?", "--output", "In the middle of May, after the Ice Saints.");
});
afterAll(() => program.end());

test("finds by words in any order, marks them, best first", async () => {
  const { code, out } = await program.tilth("search", "may", "frost");
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines.filter((line) => line.startsWith("01"))).toHaveLength(2);
  expect(out).toContain("  [Frost] in [May] kills the blossom of the pear.");
});

test("words in a row, words that must not occur, one dataset, a filter", async () => {
  expect((await program.tilth("search", '"first frost"')).out).toContain("The [first frost] came");
  expect((await program.tilth("search", "frost -october -pear")).out).toContain("When is the last [frost]?");
  expect(await program.json(0, "search", "frost", "--dataset", "weather")).toMatchObject({ hits: [{ kind: "text" }], pending: 0 });
  expect(await program.json(0, "search", "frost", "--where", "kind = chat")).toMatchObject({
    hits: [{ kind: "chat", snippet: { field: "input" } }],
  });
});

test("goes on with the cursor it names", async () => {
  const first = await program.tilth("search", "frost", "--limit", "2");
  const [, cursor = ""] = /--cursor (\S+)/.exec(first.out) ?? [];
  const second = await program.tilth("search", "frost", "--limit", "2", "--cursor", cursor);
  expect(second.out.match(/^01/gm)).toHaveLength(1);
  expect(second.out).not.toContain("--cursor");
});

test("finding nothing is an answer, not an error", async () => {
  expect(await program.tilth("search", "volcano")).toMatchObject({ code: 0, out: "No example holds these words.\n" });
});

test("an unknown dataset is a wrong call that names the nearest", async () => {
  expect(await program.tilth("search", "frost", "--dataset", "weahter")).toMatchObject({
    code: 2,
    err: expect.stringContaining("weather"),
  });
});
