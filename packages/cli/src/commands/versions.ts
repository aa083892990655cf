import type { OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { printNext, printTable } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { bytes, thousands } from "../terminal/text.ts";
import { printStatistics, printVersion } from "../terminal/version-details.ts";

export const versions: Command = {
  name: "versions",
  summary: "list the versions of a dataset, newest first, or show one",
  arguments: "<dataset>",
  options: [],
  examples: [
    ["tilth versions support", "labels, sizes, what changed, who and when"],
    ["tilth versions support@1.2", "one of them: splits, tiers, labels, lengths, recipe"],
  ],
  async run({ args, terminal, invoke }) {
    if (args[0]?.includes("@") === true) return showOne(terminal, await invoke("version.show", { version: args[0] }));
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
    const [newest] = found.versions;
    if (newest !== undefined) {
      const name = `${found.dataset}@${newest.label}`;
      printNext(terminal, [
        [`tilth versions ${name}`, "what is in it"],
        [`tilth diff ${name}`, "what it changed"],
      ]);
    }
    return 0;
  },
};

function showOne(terminal: Terminal, details: OperationOutput<"version.show">): number {
  if (terminal.json) {
    terminal.printJson(details);
    return 0;
  }
  printVersion(terminal, details);
  if (details.statistics !== undefined) printStatistics(terminal, details.rows, details.statistics);
  printNext(terminal, [
    [`tilth diff ${details.dataset}@${details.label}`, "what it changed, example by example"],
    [`tilth export ${details.dataset}@${details.label} --format openai-chat`, "write the file a trainer accepts"],
  ]);
  return 0;
}
