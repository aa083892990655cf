import type { OperationOutput } from "@tilth/core";
import { printBars } from "./blocks.ts";
import type { Terminal } from "./terminal.ts";
import { oneLine, plural, thousands } from "./text.ts";

type Report = OperationOutput<"example.dedupe">;
type Duplicate = Report["clusters"]["first"][number]["dropped"][number];

/** A block for each cluster: what is kept, and below it what is dropped for it, with the words that differ. */
export function printClusters(terminal: Terminal, clusters: Report["clusters"]): void {
  for (const { kept, weight, dropped } of clusters.first) {
    terminal.print();
    terminal.print(
      `  ${terminal.style("green", "kept ")}  ${terminal.style("bold", kept.id)}  ${terminal.style("dim", `stands for ${thousands(weight)}`)}`,
    );
    terminal.print(`         ${oneLine(kept.text, textWidth(terminal))}`);
    for (const duplicate of dropped) {
      terminal.print(`  ${terminal.style("yellow", shownSimilarity(duplicate.similarity))}  ${duplicate.id}`);
      terminal.print(`         ${differenceOf(terminal, duplicate)}`);
    }
    const others = weight - 1 - dropped.length;
    if (others > 0) terminal.print(terminal.style("dim", `         … and ${thousands(others)} more`));
  }
  const rest = clusters.count - clusters.first.length;
  if (rest > 0) {
    terminal.print();
    terminal.print(terminal.style("dim", `  … and ${plural(rest, "more cluster", "more clusters")}: --limit shows more`));
  }
}

/** How similar what is dropped is to what is kept. */
export function printSimilarities(terminal: Terminal, steps: Report["similarities"]): void {
  const counts = steps.map(({ from, count }): readonly [string, number] => [
    from === 1 ? "1.00" : `${from.toFixed(2)} to ${(from + 0.05).toFixed(2)}`,
    count,
  ]);
  printBars(terminal, Object.fromEntries(counts), { limit: counts.length });
}

/** Cut off, not rounded: only what is equal is shown as 1. */
export function shownSimilarity(similarity: number): string {
  return (Math.floor(similarity * 1_000 + 1e-9) / 1_000).toFixed(3);
}

/** What the dropped text says in place of the kept one; its beginning where they differ in too many places. */
function differenceOf(terminal: Terminal, { text, changes }: Duplicate): string {
  const width = textWidth(terminal);
  if (changes === undefined) return terminal.style("dim", oneLine(text, width));
  if (changes.length === 0) return terminal.style("dim", "the same, word by word");
  return oneLine(changes.map(changeText).join("  ·  "), width);
}

function changeText({ kept, dropped }: { readonly kept: string; readonly dropped: string }): string {
  if (kept === "") return `+ ${dropped}`;
  return dropped === "" ? `− ${kept}` : `${kept} → ${dropped}`;
}

function textWidth(terminal: Terminal): number {
  return Math.max(30, terminal.width - 10);
}
