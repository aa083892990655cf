import type { Command } from "../command.ts";
import { flagOption } from "../options.ts";
import { printFacts, printNext } from "../terminal/blocks.ts";
import { bytes, plural } from "../terminal/text.ts";

export const backup: Command = {
  name: "backup",
  summary: "copy the workspace into an empty folder, while others work in it",
  arguments: "<folder>",
  options: [{ flags: "--with-keys", description: "also the key of pseudonyms; keep such a copy as safe as the workspace" }],
  examples: [
    ["tilth backup /mnt/backup/support", "pool, versions and configuration"],
    ["tilth backup /mnt/safe/support --with-keys", "all that is needed to go on there"],
    ["tilth backup nightly --url http://127.0.0.1:7420", "on the server, which keeps it among its backups"],
  ],
  async run({ args, options, terminal, invoke, server }) {
    const made = await invoke("workspace.backup", { folder: args[0] ?? "", withKeys: flagOption(options, "withKeys") });
    terminal.endProgress();
    if (terminal.json) {
      terminal.printJson(made);
      return 0;
    }
    const shared = made.linked === 0 ? "" : `, ${plural(made.linked, "file")} shared with the workspace on this disk`;
    const where = server === undefined ? "" : ", on the server";
    terminal.print(`${terminal.style(["green", "bold"], "✓")} Backed up to ${terminal.style("bold", made.folder)}${where}`);
    printFacts(terminal, [
      ["pool", bytes(made.poolBytes)],
      ["versions", `${plural(made.objects, "file")}, ${bytes(made.objectBytes)}${shared}`],
      ["keys", made.withKeys ? "copied" : "left out: without them nothing can be added to the copy (--with-keys)"],
    ]);
    if (server === undefined) printNext(terminal, [[`tilth verify -w ${quoted(made.folder)}`, "prove that the copy is whole"]]);
    return 0;
  },
};

function quoted(path: string): string {
  return /^[\w./:@\\-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
