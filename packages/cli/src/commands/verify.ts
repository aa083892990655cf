import type { Command } from "../command.ts";
import { flagOption, given } from "../options.ts";
import { bytes, plural } from "../terminal/text.ts";

export const verify: Command = {
  name: "verify",
  summary: "prove that versions are what they were when they were made",
  arguments: "[dataset]",
  options: [
    { flags: "--quick", description: "the newest version: manifests, pages, sizes" },
    { flags: "--deep", description: "also every row: keys, counts, order" },
  ],
  examples: [
    ["tilth verify", "re-hash every object of every version"],
    ["tilth verify support@1.2", "one version"],
    ["tilth verify --deep", "also look into every row"],
  ],
  async run({ args, options, terminal, invoke }) {
    const level = flagOption(options, "deep") ? "deep" : flagOption(options, "quick") ? "quick" : "full";
    const found = await invoke("version.verify", { level, ...given({ version: args[0] }) });
    terminal.endProgress();
    const sound = found.problems.length === 0;
    if (terminal.json) terminal.printJson(found);
    else if (sound) {
      terminal.print(
        `${terminal.style(["green", "bold"], "✓")} ${plural(found.versions, "version")}, ${plural(found.objects, "object")}, ${bytes(found.bytes)}: nothing has changed.`,
      );
    } else {
      terminal.print(
        `${terminal.style(["red", "bold"], "✗")} ${plural(found.problems.length, "problem")} in ${plural(found.objects, "object")}`,
      );
      for (const { object, problem } of found.problems) terminal.print(`  ${terminal.style("bold", object)}\n    ${problem}`);
    }
    return sound ? 0 : 1;
  },
};
