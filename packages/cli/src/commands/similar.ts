import type { Command } from "../command.ts";
import { given, numberOption, textOption } from "../options.ts";
import { printNeighbour } from "../terminal/freshness-report.ts";
import { oneLine } from "../terminal/text.ts";

export const similar: Command = {
  name: "similar",
  summary: "find the examples most like one",
  arguments: "<id>",
  options: [
    { flags: "-d, --dataset <name>", description: "only members of this dataset" },
    { flags: "--type <type>", description: "only examples of this type" },
    { flags: "-l, --limit <rows>", description: "1 to 1000; default 10" },
  ],
  examples: [
    ["tilth similar 01K9Q2", "the start of an id is enough; its other versions are left out"],
    ["tilth similar 01K9Q2 --limit 3 --json", "scores and their parts, for a program"],
  ],
  async run({ args, options, terminal, invoke }) {
    const found = await invoke("example.similar", {
      id: args[0] ?? "",
      ...given({ dataset: textOption(options, "dataset"), type: textOption(options, "type"), limit: numberOption(options, "limit") }),
    });
    terminal.endProgress();
    if (terminal.json) {
      terminal.printJson(found);
      return 0;
    }
    terminal.print(`${terminal.style("bold", found.id)}  ${oneLine(found.text, Math.max(20, terminal.width - 28))}`);
    if (found.neighbours.length === 0) terminal.print("Nothing is like it.");
    for (const neighbour of found.neighbours) printNeighbour(terminal, neighbour, "  ");
    return 0;
  },
};
