import type { OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { choiceOption, flagOption, given, textOption } from "../options.ts";
import { printFacts, printNext, printTable } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { plural, thousands, visible } from "../terminal/text.ts";

type Listed = OperationOutput<"dataset.list">;

const sources = ["members", "pool"] as const;

export const dataset: Command = {
  name: "dataset",
  summary: "list datasets, show one, or make one with --create",
  arguments: "[name]",
  options: [
    { flags: "--trash", description: "list those in the trash" },
    { flags: "--create", description: "make a dataset of this name" },
    { flags: "--description <text>", description: "with --create: what it is for" },
    { flags: "--from <what>", description: "with --create: its examples are the members given to it, or the whole pool", choices: sources },
    { flags: "--where <filter>", description: "with --create: only examples that fit" },
  ],
  examples: [
    ["tilth dataset", "list all"],
    ["tilth dataset support", "members, versions, recipe"],
    ["tilth dataset gold --create --from pool --where 'quality.tier = gold'", "a dataset that is a view of the pool"],
  ],
  async run({ args: [name], options, terminal, invoke }) {
    if (flagOption(options, "trash")) return listTrash(terminal, await invoke("dataset.list", { trashed: true }));
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
    const shown: OperationOutput<"dataset.show"> =
      options["create"] === true
        ? await invoke("dataset.create", {
            name,
            ...given({
              description: textOption(options, "description"),
              from: choiceOption(options, "from", sources),
              where: textOption(options, "where"),
            }),
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
      [
        "takes",
        `${shown.recipe.from === "pool" ? "the whole pool" : "its members"}${shown.recipe.where === undefined ? "" : ` where ${shown.recipe.where}`}`,
      ],
      ["members", thousands(shown.members)],
      ["latest version", shown.latest ?? "none yet"],
      ...(shown.newest === undefined ? [] : [["it holds", held(shown.newest)] as const]),
      ["made", `${shown.createdAt} by ${shown.createdBy}`],
    ]);
    const { newest } = shown;
    printNext(terminal, [
      [`tilth commit ${shown.id}`, "freeze it into a version"],
      ...(newest === undefined
        ? []
        : [
            [`tilth versions ${shown.id}@${newest.label}`, "what the newest version holds"] as const,
            [`tilth diff ${shown.id}`, "what has changed since"] as const,
          ]),
    ]);
    return 0;
  },
};

function held({ rows, statistics }: NonNullable<OperationOutput<"dataset.show">["newest"]>): string {
  if (statistics === undefined) return plural(rows, "example");
  const { train, validation, test } = statistics.splits;
  return `${plural(rows, "example")}: ${thousands(train)} train, ${thousands(validation)} validation, ${thousands(test)} test`;
}

function listTrash(terminal: Terminal, found: Listed): number {
  if (terminal.json) terminal.printJson(found);
  else if (found.datasets.length === 0) terminal.print("No dataset lies in the trash.");
  else {
    printTable(
      terminal,
      [{ title: "Dataset", flexible: true }, { title: "Id" }, { title: "Members", right: true }, { title: "Deleted" }, { title: "By" }],
      found.datasets.map((one) => [
        one.name,
        one.id,
        thousands(one.members),
        one.deletedAt?.slice(0, 16).replace("T", " ") ?? "–",
        one.deletedBy ?? "–",
      ]),
    );
    printNext(terminal, [[`tilth restore ${found.datasets[0]?.id ?? "NAME"}`, "bring one back"]]);
  }
  return 0;
}
