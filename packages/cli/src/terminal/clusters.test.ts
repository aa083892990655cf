import { expect, test } from "vitest";
import { caught } from "../test-program.ts";
import { printClusters, printSimilarities, shownSimilarity } from "./clusters.ts";
import { processTerminal } from "./terminal.ts";

const terminal = processTerminal({ json: false, color: false, quiet: true });
const example = (id: string, text: string) => ({ id, kind: "text" as const, text });

test("says how many more there are than are shown", async () => {
  const dropped = [
    { ...example("B", "gm all"), similarity: 0.8796, changes: [] },
    { ...example("C", "gm\nnobody"), similarity: 0.8 },
  ];
  const { out } = await caught(() => printClusters(terminal, { count: 3, first: [{ kept: example("A", "gm"), weight: 9, dropped }] }));
  const lines = out.split("\n").map((line) => line.trim());
  expect(lines).toContain("0.879  B");
  expect(lines).toContain("the same, word by word");
  // They differ in too many places to name: its own beginning is shown.
  expect(lines).toContain("gm nobody");
  expect(lines).toContain("… and 6 more");
  expect(lines).toContain("… and 2 more clusters: --limit shows more");
});

test("gives every step of similarity a line, what is equal first", async () => {
  const steps = [
    { from: 1, count: 2 },
    { from: 0.95, count: 0 },
  ];
  const { out } = await caught(() => printSimilarities(terminal, steps));
  expect(out.split("\n").map((line) => line.trim().slice(0, 12))).toEqual(
    ["1.00", "0.95 to 1.00", ""].map((start) => expect.stringContaining(start)),
  );
});

test("only what is equal is shown as 1", () => {
  expect([1, 0.99999, 0.923_076, 0.8].map(shownSimilarity)).toEqual(["1.000", "0.999", "0.923", "0.800"]);
});
