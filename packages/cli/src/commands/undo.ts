import type { OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { given, numberOption, textOption } from "../options.ts";
import { printFacts, printNext } from "../terminal/blocks.ts";
import { changeFacts, countsText, printFindings } from "../terminal/example-facts.ts";
import type { Terminal } from "../terminal/terminal.ts";

export const undo: Command = {
  name: "undo",
  summary: "take back the last change of one example",
  arguments: "<id>",
  options: [
    { flags: "--rev <number>", description: "only if the example is still at this revision" },
    { flags: "--reason <text>", description: "why, for the history" },
  ],
  examples: [
    ["tilth undo 01K9Q2", "the last edit, tagging, trashing or import; twice, and it stands again"],
    ["tilth undo 01K9Q2 --rev 4", "only if nobody has changed it since"],
  ],
  async run({ args, options, terminal, invoke }) {
    const undone = await invoke("example.undo", {
      id: args[0] ?? "",
      ...given({ rev: numberOption(options, "rev"), reason: textOption(options, "reason") }),
    });
    if (terminal.json) terminal.printJson(undone);
    else printUndone(terminal, undone);
    return 0;
  },
};

function printUndone(terminal: Terminal, { example, changed, findings, redacted }: OperationOutput<"example.undo">): void {
  const id = terminal.style("bold", example.id);
  if (changed.length === 0) {
    terminal.print(`${terminal.style("yellow", "=")} Nothing of ${id} has come back: what it was shows as what it is.`);
    return;
  }
  terminal.print(`${terminal.style(["green", "bold"], "✓")} Took back the last change of ${id}, revision ${example.rev}`);
  printFacts(terminal, changeFacts(changed));
  if (Object.keys(redacted).length > 0) printFacts(terminal, [["taken out", `${countsText(redacted)} (personal data)`]]);
  printFindings(terminal, findings);
  printNext(terminal, [[`tilth undo ${example.id}`, "make the change again"]]);
}
