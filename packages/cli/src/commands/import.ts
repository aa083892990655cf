import type { ByteSource, ImportReport, OperationInput } from "@tilth/core";
import type { Command, CommandCall } from "../command.ts";
import { readFormats } from "../format-names.ts";
import { choiceOption, flagOption, given, listOption, numberOption, textOption } from "../options.ts";
import { printBars, printFacts, printNext } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { bytes, duration, plural, thousands } from "../terminal/text.ts";

const changes = ["update", "skip", "add"] as const;

/** As after Ctrl-C everywhere. */
const INTERRUPTED = 130;

export const importCommand: Command = {
  name: "import",
  summary: "bring in records of a file, or of standard input with -",
  arguments: "<file...>",
  options: [
    { flags: "-d, --dataset <name>", description: "make every row a member of this dataset (made when it is new)" },
    {
      flags: "-f, --format <name>",
      description: `the rows' layout; default: recognised from the rows; there are ${readFormats.join(", ")}`,
    },
    {
      flags: "--layout <name>",
      description: "the file's layout; default: recognised from its bytes",
      choices: ["jsonl", "json", "csv", "tsv", "parquet"],
    },
    { flags: "--encoding <name>", description: "such as utf-8 or windows-1252; default: found out" },
    { flags: "--on-change <what>", description: "what to do with a known record whose content differs", choices: changes },
    { flags: "--source <word>", description: "where rows come from, for rows that do not say" },
    { flags: "--type <word>", description: "a pack's type, for rows that do not say" },
    { flags: "--project <word>", description: "the project, for rows that do not say" },
    { flags: "--tag <word>", description: "a tag for every row; may repeat", repeat: true },
    {
      flags: "--map <field=value>",
      description: "what a column means, such as text=body or 'engagement.likes=hearts|int'; may repeat",
      repeat: true,
    },
    { flags: "--map-name <name>", description: "a map under import.maps in tilth.yaml" },
    { flags: "--limit <rows>", description: "read only the first rows" },
    { flags: "--min-likes <number>", description: "refuse rows with fewer likes" },
    { flags: "-n, --dry-run", description: "say what would happen and store nothing" },
  ],
  examples: [
    ["tilth import conversations.jsonl --dataset support", "recognise the format, redact, check, store"],
    ["tilth import posts.csv --type gm", "posts of one type"],
    ["tilth import export.json --dry-run", "look before storing"],
    ["tilth import best.csv --map text=body --map 'engagement.likes=hearts|int' --min-likes 100", "a table of any columns"],
    ["tilth import - --format openai-chat", "what another program pipes in"],
  ],
  async run(call) {
    const reports: ImportReport[] = [];
    for (const file of call.args) {
      const report = await importOne(call, file);
      reports.push(report);
      if (report.stopped === true) break;
    }
    if (call.terminal.json) call.terminal.printJson(reports.length === 1 ? reports[0] : reports);
    if (reports.some((report) => report.stopped === true)) {
      call.terminal.note("Stopped. What was acknowledged is kept; the same `tilth import` goes on from there.");
      return INTERRUPTED;
    }
    if (!call.terminal.json && reports.some((report) => !report.dryRun)) printNextSteps(call, reports);
    // Nothing at all was accepted or known: the files were not what they were taken for.
    return reports.every((report) => report.read === report.rejected) ? 3 : 0;
  },
};

async function importOne({ options, terminal, invoke }: CommandCall, file: string): Promise<ImportReport> {
  const input: OperationInput<"example.import"> = {
    ...(file === "-" ? {} : { file }),
    dryRun: flagOption(options, "dryRun"),
    ...given({
      dataset: textOption(options, "dataset"),
      format: textOption(options, "format"),
      layout: textOption(options, "layout"),
      encoding: textOption(options, "encoding"),
      onChange: choiceOption(options, "onChange", changes),
      source: textOption(options, "source"),
      type: textOption(options, "type"),
      project: textOption(options, "project"),
      mapName: textOption(options, "mapName"),
      limit: numberOption(options, "limit"),
      minLikes: numberOption(options, "minLikes"),
    }),
    tags: [...listOption(options, "tag")],
    map: [...listOption(options, "map")],
  };
  const report = await invoke("example.import", input, file === "-" ? { body: await pipedIn() } : {});
  terminal.endProgress();
  printReport(terminal, report);
  return report;
}

/** The library is loaded by the call anyway. */
async function pipedIn(): Promise<ByteSource> {
  const { standardInput } = await import("@tilth/core");
  return standardInput();
}

function headlineOf(terminal: Terminal, report: ImportReport): { readonly mark: string; readonly verb: string } {
  if (report.stopped === true) return { mark: terminal.style(["yellow", "bold"], "!"), verb: "Stopped in" };
  if (report.read === report.rejected) return { mark: terminal.style(["red", "bold"], "✗"), verb: "Nothing could be imported from" };
  return { mark: terminal.style(["green", "bold"], "✓"), verb: report.dryRun ? "Would import" : "Imported" };
}

/** What happened to a file, from the sum down to the reasons. */
export function printReport(terminal: Terminal, report: ImportReport): void {
  const { mark, verb } = headlineOf(terminal, report);
  const size = terminal.style("dim", `${bytes(report.sizeBytes)} in ${duration(report.elapsedMs)}`);
  terminal.print(`${mark} ${verb} ${terminal.style("bold", report.file)}  ${size}`);
  printFacts(terminal, [
    ["format", `${report.format.name} (${report.format.reason})`],
    ...(report.map ?? []).map((line): readonly [string, string] => ["map", line]),
    ["layout", `${report.layout.name} (${report.layout.reason})`],
    ...report.notes.map((note): readonly [string, string] => ["note", note]),
    ["rows read", thousands(report.read)],
    ["= accepted", thousands(report.accepted)],
    ["+ updated", thousands(report.updated)],
    ["+ duplicate", `${thousands(report.duplicate)}${report.trashed > 0 ? ` (${thousands(report.trashed)} lie in the trash)` : ""}`],
    ["+ rejected", thousands(report.rejected)],
    ...(report.signals > 0 ? [["signals", thousands(report.signals)] as const] : []),
    ...(report.conflicts > 0
      ? [
          [
            "conflicts",
            `${plural(report.conflicts, "example")} whose input is answered in another way elsewhere: kept, with a finding`,
          ] as const,
        ]
      : []),
  ]);
  if (Object.keys(report.redacted).length > 0) {
    terminal.print(`  ${terminal.style("yellow", "personal data taken out")}`);
    printBars(terminal, report.redacted, { indent: "    " });
  }
  if (Object.keys(report.findings).length > 0) {
    terminal.print(`  ${terminal.style("yellow", "findings")}`);
    printBars(terminal, report.findings, { indent: "    " });
  }
  if (report.refusals.length === 0) return;
  terminal.print(`  ${terminal.style("red", "rejected")}`);
  for (const refusal of report.refusals) {
    const lines = refusal.lines.map(thousands).join(", ");
    terminal.print(
      `    ${thousands(refusal.count)} × ${refusal.reason}: ${refusal.message} ${terminal.style("dim", `(line ${lines}${refusal.count > refusal.lines.length ? ", …" : ""})`)}`,
    );
  }
  if (report.rejectedFile !== undefined) terminal.print(`    listed in ${report.rejectedFile}`);
}

function printNextSteps({ terminal }: CommandCall, reports: readonly ImportReport[]): void {
  const dataset = reports.find((report) => report.dataset !== undefined)?.dataset;
  printNext(
    terminal,
    dataset === undefined
      ? [
          ["tilth stats", "see what the pool holds"],
          ["tilth list --where 'severity = error'", "see what needs a hand"],
        ]
      : [
          [`tilth commit ${quoted(dataset)}`, "freeze the dataset into a version"],
          ["tilth stats", "see what the pool holds"],
        ],
  );
}

function quoted(word: string): string {
  return /^[\w.@-]+$/.test(word) ? word : `"${word}"`;
}
