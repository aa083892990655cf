import type { Command } from "../command.ts";
import { flagOption, wrongCall } from "../options.ts";
import { printNext } from "../terminal/blocks.ts";
import { confirm, isInteractive } from "../terminal/questions.ts";
import { plural } from "../terminal/text.ts";

export const deleteCommand: Command = {
  name: "delete",
  summary: "move a dataset to the trash, from where it can be restored",
  arguments: "<dataset>",
  options: [
    { flags: "-n, --dry-run", description: "say what would go and change nothing" },
    { flags: "-y, --yes", description: "do not ask" },
  ],
  examples: [
    ["tilth delete drafts", "the dataset with its versions; its examples stay in the pool"],
    ["tilth delete drafts --dry-run", "what would go"],
    ["tilth delete drafts --yes", "without being asked"],
  ],
  async run({ args: [dataset = ""], options, terminal, invoke }) {
    const dryRun = flagOption(options, "dryRun");
    if (!dryRun && !flagOption(options, "yes") && isInteractive()) {
      if (terminal.json) throw await wrongCall("--yes", "it is needed where nobody is asked");
      const { name, members, versions } = await invoke("dataset.delete", { dataset, dryRun: true });
      if (!(await confirm(`Move ${name} with ${plural(members, "member")} and ${plural(versions, "version")} to the trash?`))) {
        terminal.note("Nothing was changed.");
        return 0;
      }
    }
    const deleted = await invoke("dataset.delete", { dataset, dryRun });
    if (terminal.json) {
      terminal.printJson(deleted);
      return 0;
    }
    const mark = dryRun ? terminal.style("yellow", "=") : terminal.style(["green", "bold"], "✓");
    const held = terminal.style("dim", `(${plural(deleted.members, "member")}, ${plural(deleted.versions, "version")}; no example goes)`);
    terminal.print(`${mark} ${dryRun ? "Would move" : "Moved"} ${terminal.style("bold", deleted.name)} to the trash ${held}`);
    if (!dryRun) printNext(terminal, [[`tilth restore ${deleted.id}`, "bring it back"]]);
    return 0;
  },
};
