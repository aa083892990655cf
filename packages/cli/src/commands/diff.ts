import type { OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { flagOption, given, numberOption, textOption } from "../options.ts";
import { printBars } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { oneLine, padTo, plural, thousands } from "../terminal/text.ts";
import { valuePairs } from "../terminal/value-lines.ts";
import { preview } from "./list-examples.ts";

type Diff = OperationOutput<"version.diff">;

/** Examples of each sort that are printed where no limit is given. */
const SHOWN = 10;

export const diff: Command = {
  name: "diff",
  summary: "say what changed between two versions",
  arguments: "<before> [after]",
  options: [
    { flags: "-f, --fields <names>", description: "compare only these, such as labels,messages" },
    { flags: "-l, --limit <examples>", description: "how many of each sort to list; default 10, with --json 1000" },
    { flags: "--exit-code", description: "end with 1 when they differ" },
  ],
  examples: [
    ["tilth diff support", "what has changed since the newest version, not committed yet"],
    ["tilth diff support@1.1", "what version 1.1 changed"],
    ["tilth diff support@1.0 support@1.4 --fields labels", "relabelled examples alone"],
    ["tilth diff support --exit-code --quiet", "for a script: is there anything to commit?"],
  ],
  async run({ args: [before = "", after], options, terminal, invoke }) {
    const fields = textOption(options, "fields")
      ?.split(",")
      .map((field) => field.trim());
    const limit = numberOption(options, "limit") ?? (terminal.json ? undefined : SHOWN);
    const found = await invoke("version.diff", { before, ...given({ after, limit, fields }) });
    terminal.endProgress();
    const differs = found.added + found.removed + found.changed > 0;
    if (terminal.json) terminal.printJson(found);
    else if (differs) printDiff(terminal, found);
    else terminal.print(`${found.before ?? "nothing"} and ${terminal.style("bold", found.after)} hold the same examples.`);
    return differs && flagOption(options, "exitCode") ? 1 : 0;
  },
};

function printDiff(terminal: Terminal, found: Diff): void {
  const { added, removed, changed, examples } = found;
  terminal.print(`${terminal.style("bold", found.before ?? "nothing")} → ${terminal.style("bold", found.after)}`);
  const counts = [
    terminal.style("green", `+ ${thousands(added)} added`),
    terminal.style("yellow", `~ ${thousands(changed)} changed`),
    terminal.style("red", `− ${thousands(removed)} removed`),
  ];
  terminal.print(`  ${counts.join("   ")}`);
  printFields(terminal, found);
  printTransitions(terminal, found);
  for (const example of examples.changed) printChanged(terminal, example);
  printWhole(terminal, "red", "−", "Removed", examples.removed);
  printWhole(terminal, "green", "+", "Added", examples.added);
  const left = added + removed + changed - examples.added.length - examples.removed.length - examples.changed.length;
  if (left > 0)
    terminal.print(
      `\n${terminal.style("dim", `… and ${plural(left, "example")} more: --limit ${added + removed + changed} or --json shows them.`)}`,
    );
}

/** The time of the edit changes with every edit: it is news only where it stands alone. */
function telling<T extends { readonly field: string }>(fields: readonly T[]): readonly T[] {
  const others = fields.filter(({ field }) => field !== "updatedAt");
  return others.length === 0 ? fields : others;
}

function printFields(terminal: Terminal, { fields, changed }: Diff): void {
  if (changed === 0) return;
  terminal.print(`\n${terminal.style("bold", "Changed fields")}`);
  printBars(terminal, Object.fromEntries(telling(fields).map(({ field, examples }) => [field, examples])), { whole: changed });
}

function printTransitions(terminal: Terminal, { transitions, otherTransitions }: Diff): void {
  if (transitions.length === 0) return;
  terminal.print(`\n${terminal.style("bold", "Labels")}`);
  const shown = transitions.slice(0, 12);
  const width = Math.max(...shown.map(({ field }) => field.length));
  for (const { field, before = "(none)", after = "(none)", examples } of shown) {
    const arrow = `${terminal.style("red", oneLine(before, 30))} → ${terminal.style("green", oneLine(after, 30))}`;
    terminal.print(`  ${padTo(field, width)}  ${arrow}  ${terminal.style("dim", thousands(examples))}`);
  }
  const left = otherTransitions + transitions.slice(shown.length).reduce((sum, { examples }) => sum + examples, 0);
  if (left > 0) terminal.print(`  … and ${plural(left, "example")} with others`);
}

function printChanged(terminal: Terminal, { id, kind, changes }: Diff["examples"]["changed"][number]): void {
  terminal.print(`\n${terminal.style("yellow", "~")} ${terminal.style("bold", id)}  ${terminal.style("dim", kind)}`);
  const shown = telling(changes);
  const width = Math.min(22, Math.max(...shown.map(({ field }) => field.length)));
  for (const change of shown) {
    let name = oneLine(change.field, width);
    const line = (style: "red" | "green", text: string): void => {
      terminal.print(`    ${padTo(name, width)}  ${terminal.style(style, text)}`);
      name = "";
    };
    for (const { before, after } of valuePairs(change, Math.max(24, terminal.width - width - 8))) {
      if (before !== undefined) line("red", `- ${before}`);
      if (after !== undefined) line("green", `+ ${after}`);
    }
  }
}

function printWhole(terminal: Terminal, style: "red" | "green", mark: string, title: string, examples: Diff["examples"]["added"]): void {
  if (examples.length === 0) return;
  terminal.print(`\n${terminal.style("bold", title)}`);
  for (const example of examples) {
    const start = `${mark} ${example.id}  ${padTo(example.kind, 14)}  `;
    terminal.print(`${terminal.style(style, start)}${oneLine(preview(example), Math.max(12, terminal.width - start.length))}`);
  }
}
