import type { OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { printFacts, printNext } from "../terminal/blocks.ts";
import { changeFacts } from "../terminal/example-facts.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/text.ts";

export const history: Command = {
  name: "history",
  summary: "show who changed what of one example, when and why",
  arguments: "<id>",
  options: [],
  examples: [
    ["tilth history 01K9Q2", "newest first, long values shortened"],
    ["tilth history 01K9Q2 --json", "all values as they were"],
  ],
  async run({ args, terminal, invoke }) {
    const told = await invoke("example.history", { id: args[0] ?? "" });
    if (terminal.json) terminal.printJson(told);
    else printHistory(terminal, told);
    return 0;
  },
};

function printHistory(terminal: Terminal, { id, rev, createdAt, createdBy, revisions }: OperationOutput<"example.history">): void {
  terminal.print(`${terminal.style("bold", id)}  revision ${rev}`);
  for (const { rev: made, at, actor, op, reason, changed } of revisions) {
    const why = reason === undefined ? "" : `: ${visible(reason)}`;
    terminal.print();
    terminal.print(`${terminal.style("bold", String(made))}  ${at}  ${visible(actor)}  ${terminal.style("cyan", op)}${why}`);
    printFacts(terminal, changeFacts(changed));
  }
  if (revisions.length > 0) terminal.print();
  // Whoever made it is not kept as a revision: the first one stands for what came in.
  terminal.print(`${terminal.style("bold", "1")}  ${createdAt}  ${visible(createdBy)}  ${terminal.style("cyan", "created")}`);
  if (revisions.length > 0) printNext(terminal, [[`tilth undo ${id}`, "take the last change back"]]);
}
