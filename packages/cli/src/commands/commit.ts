import type { Command } from "../command.ts";
import { choiceOption, flagOption, given, textOption } from "../options.ts";
import { printFacts, printNext } from "../terminal/blocks.ts";
import { bytes, plural, thousands } from "../terminal/text.ts";

const sources = ["members", "pool"] as const;

export const commit: Command = {
  name: "commit",
  summary: "freeze a dataset into an immutable version",
  arguments: "<dataset>",
  options: [
    { flags: "-m, --message <text>", description: "what this version is" },
    { flags: "--where <filter>", description: "only examples that fit; stored as the dataset's recipe" },
    { flags: "--from <what>", description: "members, or everything in the pool", choices: sources },
    { flags: "--major", description: "raise the label's first number" },
  ],
  examples: [
    ["tilth commit support -m 'first reviewed set'", "version 1.0, then 1.1 …"],
    ["tilth commit support --where 'quality.tier >= silver'", "with a recipe that is kept"],
  ],
  async run({ args, options, terminal, invoke }) {
    const made = await invoke("version.create", {
      dataset: args[0] ?? "",
      major: flagOption(options, "major"),
      ...given({
        message: textOption(options, "message"),
        where: textOption(options, "where"),
        from: choiceOption(options, "from", sources),
      }),
    });
    terminal.endProgress();
    if (terminal.json) {
      terminal.printJson(made);
      return 0;
    }
    const name = `${made.dataset}@${made.label}`;
    if (!made.created) terminal.print(`Nothing has changed since ${terminal.style("bold", name)}: no new version.`);
    else {
      terminal.print(`${terminal.style(["green", "bold"], "✓")} ${terminal.style("bold", name)}`);
      printFacts(terminal, [
        ["examples", thousands(made.rows)],
        ["since before", `${thousands(made.added)} added, ${thousands(made.changed)} changed, ${thousands(made.removed)} removed`],
        ["written", `${bytes(made.addedBytes)} new of ${bytes(made.bytes)}, ${plural(made.chunks, "chunk")}`],
        ["checksum", made.manifest],
      ]);
    }
    printNext(terminal, [
      [`tilth export ${name} --format openai-chat`, "write the file a trainer accepts"],
      [`tilth verify ${made.dataset}`, "prove that nothing has changed"],
    ]);
    return 0;
  },
};
