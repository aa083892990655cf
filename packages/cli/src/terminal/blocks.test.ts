import { describe, expect, test } from "vitest";
import { caught } from "../test-program.ts";
import { printBars, printFacts, printNext, printTable } from "./blocks.ts";
import type { Terminal } from "./terminal.ts";
import { processTerminal } from "./terminal.ts";
import { displayWidth } from "./text.ts";

async function linesOf(print: (terminal: Terminal) => void, width = 80): Promise<readonly string[]> {
  const terminal: Terminal = { ...processTerminal({ json: false, color: false, quiet: false }), width };
  const { out } = await caught(() => print(terminal));
  return out.split("\n").slice(0, -1);
}

describe("bars", () => {
  test("show name, count and share; the longest fills the line, the smallest is seen", async () => {
    const lines = await linesOf((terminal) => printBars(terminal, { chat: 1_000, text: 500, steps: 1, none: 0 }));
    expect(lines).toEqual([
      `  chat   1,000  ${"█".repeat(20)}  67 %`,
      `  text     500  ${"█".repeat(10)}${" ".repeat(10)}  33 %`,
      `  steps      1  █${" ".repeat(19)}  <1 %`,
      `  none       0  ${" ".repeat(20)}  0 %`,
    ]);
  });

  test("say how many more there are", async () => {
    const counts = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`n${index}`, 1]));
    const lines = await linesOf((terminal) => printBars(terminal, counts));
    expect([lines.length, lines.at(-1)]).toEqual([13, "  … and 3 more"]);
    expect(await linesOf((terminal) => printBars(terminal, {}))).toEqual([]);
  });
});

describe("tables", () => {
  const columns = [{ title: "Id" }, { title: "Text", flexible: true }, { title: "Rows", right: true }] as const;

  test("align titles and cells", async () => {
    expect(
      await linesOf((terminal) =>
        printTable(terminal, columns, [
          ["a", "日本", "1"],
          ["bcd", "x", "1,000"],
        ]),
      ),
    ).toEqual(["Id   Text   Rows", "a    日本      1", "bcd  x     1,000"]);
  });

  test("are cut to the screen at the column that may be cut", async () => {
    const lines = await linesOf((terminal) => printTable(terminal, columns, [["a", "word ".repeat(40), "1"]]), 60);
    expect(lines.map(displayWidth)).toEqual([60, 60]);
    expect(lines[1]).toMatch(/^a {3}word .*… {5}1$/);
  });

  test("keep every row on its line", async () => {
    expect(await linesOf((terminal) => printTable(terminal, columns, [["a", "one\ntwo\u001b[2J", "1"]]))).toHaveLength(2);
  });
});

test("facts are aligned, and their values cannot steer the screen", async () => {
  expect(
    await linesOf((terminal) =>
      printFacts(terminal, [
        ["id", "d"],
        ["members", "\u001b[31m7"],
      ]),
    ),
  ).toEqual(["  id       d", "  members  \ufffd[31m7"]);
});

test("what to do next stands apart, as one would type it", async () => {
  expect(
    await linesOf((terminal) =>
      printNext(terminal, [
        ["tilth stats", "see"],
        ["tilth list", "look"],
      ]),
    ),
  ).toEqual(["", "Next:", "  tilth stats  see", "  tilth list   look"]);
});
