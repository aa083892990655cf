import type { Command } from "../command.ts";
import { printNext, printTable } from "../terminal/blocks.ts";
import { bytes, thousands } from "../terminal/text.ts";

export const versions: Command = {
  name: "versions",
  summary: "list the versions of a dataset, newest first",
  arguments: "<dataset>",
  options: [],
  examples: [["tilth versions support", "labels, sizes, what changed, who and when"]],
  async run({ args, terminal, invoke }) {
    const found = await invoke("version.list", { dataset: args[0] ?? "" });
    if (terminal.json) {
      terminal.printJson(found);
      return 0;
    }
    if (found.versions.length === 0) {
      terminal.print(`${found.dataset} has no version yet.`);
      printNext(terminal, [[`tilth commit ${found.dataset}`, "freeze it into the first one"]]);
      return 0;
    }
    printTable(
      terminal,
      [
        { title: "Version" },
        { title: "Examples", right: true },
        { title: "+", right: true },
        { title: "~", right: true },
        { title: "−", right: true },
        { title: "Bytes", right: true },
        { title: "When" },
        { title: "Who" },
        { title: "Message", flexible: true },
      ],
      found.versions.map((version) => [
        version.label,
        thousands(version.rows),
        thousands(version.added),
        thousands(version.changed),
        thousands(version.removed),
        bytes(version.bytes),
        version.at.slice(0, 16).replace("T", " "),
        version.by,
        version.message,
      ]),
    );
    return 0;
  },
};
