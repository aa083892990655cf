import type { Command } from "../command.ts";
import { given, textOption } from "../options.ts";
import { printFacts, printNext, printTable } from "../terminal/blocks.ts";
import { thousands, visible } from "../terminal/text.ts";

export const dataset: Command = {
  name: "dataset",
  summary: "list datasets, show one, or make one with --create",
  arguments: "[name]",
  options: [
    { flags: "--create", description: "make a dataset of this name" },
    { flags: "--description <text>", description: "with --create: what it is for" },
    { flags: "--from <what>", description: "with --create: its examples are the members given to it, or the whole pool", choices: ["members", "pool"] },
    { flags: "--where <filter>", description: "with --create: only examples that fit" },
  ],
  examples: [
    ["tilth dataset", "list all"],
    ["tilth dataset support", "members, versions, recipe"],
    ["tilth dataset gold --create --from pool --where 'quality.tier = gold'", "a dataset that is a view of the pool"],
  ],
  async run({ args: [name], options, terminal, invoke }) {
    if (name === undefined) {
      const found = await invoke("dataset.list", {});
      if (terminal.json) terminal.printJson(found);
      else if (found.datasets.length === 0) terminal.print("No dataset yet: `tilth import FILE --dataset NAME` makes one.");
      else
        printTable(
          terminal,
          [{ title: "Dataset", flexible: true }, { title: "Id" }, { title: "Members", right: true }, { title: "Latest" }],
          found.datasets.map((one) => [one.name, one.id, thousands(one.members), one.latest ?? "–"]),
        );
      return 0;
    }
    const shown =
      options["create"] === true
        ? await invoke("dataset.create", {
            name,
            ...given({ description: textOption(options, "description"), from: textOption(options, "from"), where: textOption(options, "where") }),
          })
        : await invoke("dataset.show", { dataset: name });
    if (terminal.json) {
      terminal.printJson(shown);
      return 0;
    }
    terminal.print(terminal.style("bold", visible(shown.name)));
    printFacts(terminal, [
      ["id", shown.id],
      ...(shown.description === "" ? [] : [["about", shown.description] as const]),
      ["takes", `${shown.recipe.from === "pool" ? "the whole pool" : "its members"}${shown.recipe.where === undefined ? "" : ` where ${shown.recipe.where}`}`],
      ["members", thousands(shown.members)],
      ["latest version", shown.latest ?? "none yet"],
      ["made", `${shown.createdAt} by ${shown.createdBy}`],
    ]);
    printNext(terminal, [[`tilth commit ${shown.id}`, "freeze it into a version"]]);
    return 0;
  },
};
