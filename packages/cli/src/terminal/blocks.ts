import type { Terminal } from "./terminal.ts";
import { displayWidth, oneLine, padFrom, padTo, percent, thousands, visible } from "./text.ts";

/** Name and count with a bar each, longest first as given: distributions at a glance. */
export function printBars(
  terminal: Terminal,
  counts: Readonly<Record<string, number>>,
  options: {
    readonly limit?: number;
    readonly indent?: string;
    /** What shares are of; the sum where it is absent. */ readonly whole?: number;
  } = {},
): void {
  const { limit = 12, indent = "  " } = options;
  const entries = Object.entries(counts);
  const whole = options.whole ?? entries.reduce((sum, entry) => sum + entry[1], 0);
  const most = Math.max(1, ...entries.map((entry) => entry[1]));
  const shown = entries.slice(0, limit);
  const nameWidth = Math.min(28, Math.max(0, ...shown.map((entry) => displayWidth(entry[0]))));
  const countWidth = Math.max(0, ...shown.map((entry) => thousands(entry[1]).length));
  for (const [name, count] of shown) {
    const bar = "█".repeat(Math.max(count > 0 ? 1 : 0, Math.round((count / most) * 20)));
    const line = `${indent}${padTo(oneLine(name, nameWidth), nameWidth)}  ${padFrom(thousands(count), countWidth)}  ${terminal.style("cyan", padTo(bar, 20))}  ${percent(count, whole)}`;
    terminal.print(line.trimEnd());
  }
  if (entries.length > limit) terminal.print(`${indent}… and ${thousands(entries.length - limit)} more`);
}

export interface TableColumn {
  readonly title: string;
  readonly right?: true;
  /** May be cut to fit the screen. */
  readonly flexible?: true;
}

/** Rows under titles, cut to the width of the screen. */
export function printTable(terminal: Terminal, columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void {
  const widths = columns.map((column, i) => Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[i] ?? ""))));
  const over = widths.reduce((sum, width) => sum + width + 2, -2) - Math.max(40, terminal.width);
  const flexible = columns.findIndex((column) => column.flexible === true);
  const widest = widths[flexible];
  if (over > 0 && widest !== undefined) widths[flexible] = Math.max(12, widest - over);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        const text = oneLine(cell, width);
        return columns[i]?.right === true ? padFrom(text, width) : padTo(text, width);
      })
      .join("  ")
      .trimEnd();
  terminal.print(terminal.style("dim", line(columns.map((column) => column.title))));
  for (const row of rows) terminal.print(line(row));
}

/** Facts as aligned pairs. */
export function printFacts(terminal: Terminal, facts: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(0, ...facts.map((fact) => displayWidth(fact[0])));
  for (const [name, value] of facts) terminal.print(`  ${terminal.style("dim", padTo(name, width))}  ${visible(value)}`);
}

/** What to do next, as one would type it. */
export function printNext(terminal: Terminal, lines: readonly (readonly [line: string, does: string])[]): void {
  const width = Math.max(0, ...lines.map((next) => displayWidth(next[0])));
  terminal.print();
  terminal.print(terminal.style("dim", "Next:"));
  for (const [line, does] of lines) terminal.print(`  ${terminal.style("bold", padTo(line, width))}  ${terminal.style("dim", does)}`);
}
