import type { OperationInput, OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { writtenFormats } from "../format-names.ts";
import { choiceOption, flagOption, given, numberOption, textOption } from "../options.ts";
import { printFacts } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { bytes, plural, thousands } from "../terminal/text.ts";

const columnNames = ["classic"] as const;
const weightings = ["repeat", "ignore", "refuse"] as const;

export const exportCommand: Command = {
  name: "export",
  summary: "write the file a trainer or a tool accepts",
  arguments: "<version>",
  options: [
    { flags: "-f, --format <name>", description: `default: tilth; there are ${writtenFormats.join(", ")}` },
    { flags: "-o, --out <folder>", description: "default: .tilth/exports/<dataset>-<label>-<format>" },
    { flags: "--no-split", description: "one file instead of train, validation and test" },
    { flags: "--all-columns", description: "flat formats: also columns that are empty everywhere" },
    { flags: "--no-metadata", description: "flat formats: leave metadata out" },
    { flags: "--bare", description: "json: the array alone, without the envelope" },
    { flags: "--columns <which>", description: "flat formats: document 2's names instead of ours", choices: columnNames },
    { flags: "--weights <how>", description: "what to do with weights a trainer does not read", choices: weightings },
    { flags: "--seed <number>", description: "for weights that are no whole number" },
    { flags: "--where <filter>", description: "only examples that fit, such as 'domain = code'" },
    { flags: "--min-quality <score>", description: "only examples whose score is at least this, 0 to 1" },
    { flags: "-l, --limit <examples>", description: "the first so many" },
    { flags: "--exclude-used", description: "only what no run and no marked export has used" },
    { flags: "--mark-used <name>", description: "keep under this name that these examples were used" },
    { flags: "-n, --dry-run", description: "count rows, losses and refusals, write nothing" },
  ],
  examples: [
    ["tilth export support@1.2 --format openai-chat", "train, validation and test by group"],
    ["tilth export support --format trl-preference --dry-run", "what would be lost or refused"],
    ["tilth export support -f dpo --exclude-used --mark-used july", "what was not trained yet, and remember it"],
    ["tilth export support@pool --format csv --no-split", "what is not committed yet, for a spreadsheet"],
  ],
  async run({ args, options, terminal, invoke }) {
    const input: OperationInput<"dataset.export"> = {
      version: args[0] ?? "",
      split: options["split"] !== false,
      metadata: options["metadata"] !== false,
      allColumns: flagOption(options, "allColumns"),
      bare: flagOption(options, "bare"),
      dryRun: flagOption(options, "dryRun"),
      excludeUsed: flagOption(options, "excludeUsed"),
      ...given({
        where: textOption(options, "where"),
        minQuality: numberOption(options, "minQuality"),
        limit: numberOption(options, "limit"),
        markUsed: textOption(options, "markUsed"),
        format: textOption(options, "format"),
        out: textOption(options, "out"),
        columns: choiceOption(options, "columns", columnNames),
        weights: choiceOption(options, "weights", weightings),
        seed: numberOption(options, "seed"),
      }),
    };
    const made = await invoke("dataset.export", input);
    terminal.endProgress();
    if (terminal.json) terminal.printJson(made);
    else printExport(terminal, made);
    return made.written === 0 && made.read > 0 ? 3 : 0;
  },
};

/** What was written and what could not be. */
export function printExport(terminal: Terminal, made: OperationOutput<"dataset.export">): void {
  const mark = made.written === 0 ? terminal.style(["yellow", "bold"], "!") : terminal.style(["green", "bold"], "✓");
  terminal.print(
    `${mark} ${made.dryRun ? "Would write" : "Wrote"} ${terminal.style("bold", `${made.dataset}@${made.label}`)} as ${terminal.style("bold", made.format)}`,
  );
  printFacts(terminal, [
    ["examples", `${thousands(made.read)} read, ${thousands(made.written)} written, ${thousands(made.refused)} refused`],
    ...made.files.map((file): readonly [string, string] => [
      "file",
      `${file.name}  ${plural(file.rows, "row")}${file.bytes === undefined ? "" : `, ${bytes(file.bytes)}`}`,
    ]),
    ...Object.entries(made.losses).map(([loss, count]): readonly [string, string] => ["lost", `${loss} of ${plural(count, "example")}`]),
    ...Object.entries(made.refusals).map(([reason, count]): readonly [string, string] => [
      "refused",
      `${plural(count, "example")}: ${reason}`,
    ]),
    ...(made.marked === 0 ? [] : [["marked", `${plural(made.marked, "example")} as used`] as const]),
    ...(made.dryRun ? [] : [["folder", made.folder] as const]),
  ]);
}
