import type { Command } from "../command.ts";
import { listOption } from "../options.ts";
import { printFacts, printNext } from "../terminal/blocks.ts";

export const init: Command = {
  name: "init",
  summary: "make a workspace in this folder",
  options: [
    {
      flags: "-p, --pack <name>",
      description: "a pack: social, intents, assistant, roofing, insights, or a YAML file; may repeat",
      repeat: true,
    },
  ],
  onlyHere: "makes a workspace in a folder of this machine",
  examples: [
    ["tilth init", "an empty workspace"],
    ["tilth init --pack assistant", "chat assistants: domains, tiers, training formats"],
    ["tilth init --pack social --pack insights", "several packs; later ones win"],
  ],
  async run({ options, terminal, invoke }) {
    const made = await invoke("workspace.init", { packs: [...listOption(options, "pack")] });
    if (terminal.json) {
      terminal.printJson(made);
      return 0;
    }
    terminal.print(`${terminal.style(["green", "bold"], "✓")} Workspace ready in ${terminal.style("bold", made.root)}`);
    printFacts(terminal, [
      ["packs", made.packs.length === 0 ? "none" : made.packs.join(", ")],
      ["configuration", "tilth.yaml"],
      ["data", ".tilth/ (kept out of git)"],
    ]);
    printNext(terminal, [
      ["tilth import FILE --dataset NAME", "bring in records: JSONL, JSON or CSV"],
      ["tilth doctor", "see whether everything is in order"],
    ]);
    return 0;
  },
};
