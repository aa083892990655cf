import type { Command } from "../command.ts";
import { given, textOption } from "../options.ts";
import { printFacts } from "../terminal/blocks.ts";
import { bytes, thousands } from "../terminal/text.ts";

export const checkout: Command = {
  name: "checkout",
  summary: "write a version as plain Parquet files",
  arguments: "<version>",
  options: [{ flags: "-o, --out <folder>", description: "default: .tilth/exports/<dataset>-<label>" }],
  examples: [
    ["tilth checkout support@1.2", "files any tool reads, without Tilth"],
    ["tilth checkout support --out ./data", "the newest version, elsewhere"],
  ],
  async run({ args, options, terminal, invoke }) {
    const made = await invoke("version.checkout", { version: args[0] ?? "", ...given({ out: textOption(options, "out") }) });
    terminal.endProgress();
    if (terminal.json) {
      terminal.printJson(made);
      return 0;
    }
    terminal.print(
      `${terminal.style(["green", "bold"], "✓")} ${terminal.style("bold", `${made.dataset}@${made.label}`)} in ${made.folder}`,
    );
    printFacts(terminal, [
      ["examples", thousands(made.rows)],
      ["files", `${thousands(made.files.length)}, ${bytes(made.bytes)}`],
      ["manifest", "manifest.json"],
    ]);
    return 0;
  },
};
