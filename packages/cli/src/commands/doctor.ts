import type { OperationOutput } from "@tilth/core";
import type { Command, CommandCall } from "../command.ts";
import { flagOption } from "../options.ts";
import { printFacts } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { plural, thousands } from "../terminal/text.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "find out whether everything is in order, and what to do",
  options: [{ flags: "--repair", description: "count again what the pool keeps twice and correct it; writers wait meanwhile" }],
  examples: [
    ["tilth doctor", "environment, workspace, pool, versions; changes nothing"],
    ["tilth doctor --repair", "correct counters that differ from a recount"],
  ],
  run: (call) => (flagOption(call.options, "repair") ? repair(call) : look(call)),
};

async function look({ terminal, invoke }: CommandCall): Promise<number> {
  const found = await invoke("workspace.doctor", {});
  if (terminal.json) terminal.printJson(found);
  else {
    const width = Math.max(...found.checks.map((check) => check.name.length));
    for (const check of found.checks) {
      const mark =
        check.status === "ok"
          ? terminal.style("green", "✓")
          : check.status === "warning"
            ? terminal.style("yellow", "!")
            : terminal.style("red", "✗");
      terminal.print(`${mark} ${check.name.padEnd(width)}  ${check.message}`);
      if (check.wayOut !== undefined) terminal.print(`  ${" ".repeat(width)}  ${terminal.style("dim", check.wayOut)}`);
    }
  }
  return found.checks.some((check) => check.status === "problem") ? 1 : 0;
}

async function repair({ terminal, invoke }: CommandCall): Promise<number> {
  const repaired = await invoke("workspace.repair", {});
  if (terminal.json) terminal.printJson(repaired);
  else printRepaired(terminal, repaired);
  return 0;
}

/** More counters than this are only counted. */
const SHOWN_COUNTERS = 20;

function printRepaired(terminal: Terminal, { counters, facets, tags, captured }: OperationOutput<"workspace.repair">): void {
  const mark = terminal.style(["green", "bold"], "✓");
  if (captured > 0) terminal.print(`${mark} Took in ${plural(captured, "captured event")} that had been left in the spool`);
  if (counters.length + facets.length + tags.length === 0) {
    terminal.print(`${mark} Nothing needed repair: all that is kept twice equals a recount.`);
    return;
  }
  const examples = new Set([...facets, ...tags]).size;
  const read = examples === 0 ? "" : ` and what filters read of ${plural(examples, "example")}`;
  terminal.print(`${mark} Corrected ${plural(counters.length, "counter")}${read}`);
  const shown = counters.slice(0, SHOWN_COUNTERS);
  printFacts(
    terminal,
    shown.map(({ facet, value, kept, counted }): readonly [string, string] => [
      `${facet} ${value}`,
      `${thousands(kept)} → ${thousands(counted)}`,
    ]),
  );
  if (counters.length > shown.length) terminal.print(`  … and ${thousands(counters.length - shown.length)} more (--json shows all)`);
}
