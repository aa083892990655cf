import type { OperationInput, OperationOutput } from "@tilth/core";
import type { Command, CommandCall } from "../command.ts";
import { choiceOption, flagOption, given, numberOption, textOption, wrongCall } from "../options.ts";
import { printFacts, printNext } from "../terminal/blocks.ts";
import { printClusters, printSimilarities, shownSimilarity } from "../terminal/clusters.ts";
import { confirm, isInteractive } from "../terminal/questions.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { duration, oneLine, plural, thousands } from "../terminal/text.ts";

const strategies = ["content", "input", "near", "semantic"] as const;

/** More than this is asked about first, where there is somebody to ask. */
const ASKED_ABOVE = 100;

type Report = OperationOutput<"example.dedupe">;

export const dedupe: Command = {
  name: "dedupe",
  summary: "find examples that repeat better ones, and mark or trash them",
  arguments: "[dataset]",
  options: [
    { flags: "--where <filter>", description: "only examples that fit" },
    {
      flags: "-s, --strategy <name>",
      description:
        "content: the same words; input: the same prompt; near: nearly the same words (default); semantic: the same meaning, listed alone",
      choices: strategies,
    },
    { flags: "-t, --threshold <similarity>", description: "above 0 up to 1; default: 0.8 for near, 0.9 for semantic" },
    { flags: "-n, --dry-run", description: "show the same and write nothing" },
    { flags: "--trash", description: "move them to the trash instead of marking them" },
    { flags: "-l, --limit <clusters>", description: "how many are shown; default 10" },
    { flags: "--undo [run]", description: "take back the newest search, or the one named" },
    { flags: "-y, --yes", description: "do not ask before many go to the trash" },
  ],
  examples: [
    ["tilth dedupe --dry-run", "look at what repeats what"],
    ["tilth dedupe support", "mark what nearly repeats a better example; nothing is changed or removed"],
    ["tilth dedupe --strategy content --trash", "move copies to the trash"],
    ["tilth dedupe support --strategy semantic", "list what means the same, for people to look at"],
    ["tilth dedupe --undo", "take the newest search back"],
  ],
  async run(call) {
    const { options } = call;
    const strategy = choiceOption(options, "strategy", strategies) ?? "near";
    const isTrash = flagOption(options, "trash");
    if (options["undo"] !== undefined) {
      if (isTrash || flagOption(options, "dryRun")) throw await wrongCall("--undo", "it stands alone, or with the id of a run");
      return undo(call);
    }
    if (strategy !== "semantic") return find(call, strategy);
    if (isTrash) throw await wrongCall("--trash", "what means the same is listed for people to look at, and never dropped");
    return suggest(call);
  },
};

async function find(call: CommandCall, strategy: Exclude<(typeof strategies)[number], "semantic">): Promise<number> {
  const { options, terminal, invoke } = call;
  const input: OperationInput<"example.dedupe"> = {
    ...chosen(call),
    strategy,
    dryRun: flagOption(options, "dryRun"),
    trash: flagOption(options, "trash"),
  };
  if (input.trash === true && input.dryRun !== true && !flagOption(options, "yes") && isInteractive()) {
    const { dropped } = await invoke("example.dedupe", { ...input, dryRun: true, limit: 0 });
    terminal.endProgress();
    if (dropped > ASKED_ABOVE && terminal.json) throw await wrongCall("--yes", `it is needed to move ${thousands(dropped)} examples`);
    if (dropped > ASKED_ABOVE && !(await confirm(`Move to the trash: ${plural(dropped, "example")}?`))) {
      terminal.note("Nothing was changed.");
      return 0;
    }
  }
  const report = await invoke("example.dedupe", input);
  terminal.endProgress();
  if (terminal.json) terminal.printJson(report);
  else printReport(call, report, flagOption(options, "trash"));
  return 0;
}

function chosen({ args, options }: CommandCall) {
  return given({
    dataset: args[0],
    where: textOption(options, "where"),
    threshold: numberOption(options, "threshold"),
    limit: numberOption(options, "limit"),
  });
}

function printReport(call: CommandCall, report: Report, isTrash: boolean): void {
  const { terminal } = call;
  printHeadline(terminal, report, isTrash);
  if (report.dropped > 0) {
    printClusters(terminal, report.clusters);
    if (report.shingleWords !== undefined) {
      terminal.print();
      terminal.print(terminal.style("bold", "How similar they are"));
      printSimilarities(terminal, report.similarities);
    }
  }
  printConflicts(terminal, report);
  terminal.print();
  printFacts(terminal, [
    ["read", thousands(report.read)],
    ["= kept", `${thousands(report.kept)}${report.withoutWords > 0 ? `, ${thousands(report.withoutWords)} of them without words` : ""}`],
    [
      "+ dropped",
      `${thousands(report.dropped)}${report.copies > 0 ? `, ${thousands(report.copies)} of them ${copiesText[report.strategy]}` : ""}`,
    ],
    ["clusters", thousands(report.clusters.count)],
    ["threshold", report.shingleWords === undefined ? "none" : `${report.threshold}, of the sets of ${report.shingleWords} words in a row`],
    ["how", report.reason],
    ...skippedFact(report),
    ...(report.run === undefined ? [] : [["run", report.run.id] as const]),
  ]);
  printNextSteps(call, report, isTrash);
}

const copiesText: { readonly [Name in Report["strategy"]]: string } = {
  content: "word by word",
  input: "with the same prompt",
  near: "word by word",
};

function printHeadline(terminal: Terminal, { effect, dropped, read, run, clusters, elapsedMs }: Report, isTrash: boolean): void {
  const time = terminal.style("dim", duration(elapsedMs));
  if (dropped === 0) {
    const nothing = read === 0 ? "There is no active example to compare." : `Nothing repeats anything in ${plural(read, "example")}.`;
    terminal.print(`${terminal.style("yellow", "=")} ${nothing}  ${time}`);
    return;
  }
  const what = terminal.style("bold", plural(run?.changed ?? dropped, "example"));
  const kept = plural(clusters.count, "that is kept", "that are kept");
  const verbs = isTrash ? { would: "Would move to the trash:", done: "Moved to the trash:" } : { would: "Would mark", done: "Marked" };
  terminal.print(
    `${terminal.style(["green", "bold"], "✓")} ${effect === "nothing" ? verbs.would : verbs.done} ${what} of ${thousands(read)}: they repeat ${kept}  ${time}`,
  );
}

/** Which of several answers is right is for people to say. */
function printConflicts(terminal: Terminal, { strategy, conflicts: { inputs, examples, first } }: Report): void {
  if (inputs === 0) return;
  terminal.print();
  terminal.print(terminal.style("bold", `${plural(inputs, "input")} answered in different ways by ${plural(examples, "example")}`));
  terminal.print(terminal.style("dim", `  ${conflictText[strategy]}`));
  for (const conflict of first.slice(0, SHOWN_CONFLICTS)) {
    for (const { id, text } of conflict.first) terminal.print(`  ${id}  ${oneLine(text, Math.max(30, terminal.width - 30))}`);
    if (conflict.examples > conflict.first.length)
      terminal.print(terminal.style("dim", `  … and ${thousands(conflict.examples - conflict.first.length)} more`));
  }
  if (inputs > SHOWN_CONFLICTS) terminal.print(terminal.style("dim", `  … and ${plural(inputs - SHOWN_CONFLICTS, "more input")}`));
}

const SHOWN_CONFLICTS = 3;

const conflictText: { readonly [Name in Report["strategy"]]: string } = {
  content: "Conflicts: all of them stay, since which is right is for people to say.",
  input: "Conflicts: this strategy keeps the best answer alone; look at what the others say.",
  near: "Conflicts: all of them stay, since which is right is for people to say.",
};

function skippedFact({ run }: Report): readonly (readonly [string, string])[] {
  if (run === undefined || run.skipped.length === 0) return [];
  return [["skipped", `${plural(run.skipped.length, "example")} that changed meanwhile: the same command looks again`]];
}

function printNextSteps({ args, terminal }: CommandCall, report: Report, isTrash: boolean): void {
  if (report.dropped === 0) return;
  const dataset = args[0] === undefined ? "DATASET" : /^[\w.@-]+$/.test(args[0]) ? args[0] : `"${args[0]}"`;
  if (report.effect === "nothing") {
    printNext(terminal, [[`tilth dedupe${isTrash ? " --trash" : ""} …`, "the same, without --dry-run, does it"]]);
    return;
  }
  printNext(terminal, [
    isTrash
      ? [`tilth list --where "lifecycle = trashed"`, "what was moved"]
      : [`tilth list --where "isDuplicate = true"`, "what was marked"],
    isTrash
      ? [`tilth commit ${dataset}`, "a version without it"]
      : [`tilth commit ${dataset} --where "isDuplicate = false"`, "a version without it"],
    [`tilth dedupe --undo`, "take it back"],
  ]);
}

async function undo({ options, terminal, invoke }: CommandCall): Promise<number> {
  const undone = await invoke("duplicate.undo", given({ run: textOption(options, "undo") }));
  terminal.endProgress();
  if (terminal.json) {
    terminal.printJson(undone);
    return 0;
  }
  const parts = [
    ...(undone.cleared > 0 ? [`${plural(undone.cleared, "example")} no longer marked`] : []),
    ...(undone.restored > 0 ? [`${plural(undone.restored, "example")} back from the trash`] : []),
  ];
  terminal.print(`${terminal.style(["green", "bold"], "✓")} Took back ${terminal.style("bold", undone.runId)}: ${parts.join(", ")}`);
  return 0;
}

async function suggest(call: CommandCall): Promise<number> {
  const { terminal, invoke } = call;
  const report = await invoke("duplicate.suggest", chosen(call));
  terminal.endProgress();
  if (terminal.json) {
    terminal.printJson(report);
    return 0;
  }
  const { pairs, read, threshold, elapsedMs } = report;
  terminal.print(
    `${terminal.style("bold", plural(pairs.count, "pair"))} of ${plural(read, "example")} with a cosine of ${threshold} or more  ${terminal.style("dim", duration(elapsedMs))}`,
  );
  for (const { similarity, first, second } of pairs.first) {
    terminal.print();
    for (const [mark, { id, text }] of [[shownSimilarity(similarity), first] as const, ["     ", second] as const])
      terminal.print(`  ${terminal.style("yellow", mark)}  ${id}  ${oneLine(text, Math.max(30, terminal.width - 37))}`);
  }
  terminal.print();
  printFacts(terminal, [
    ["how", report.reason],
    ...(report.unknown > 0
      ? [["unknown", `${plural(report.unknown, "example")} without a word that ${report.embedder.id} knows`] as const]
      : []),
    ["stored", "nothing: which of them repeat each other is for people to say"],
  ]);
  if (pairs.count > 0) printNext(terminal, [["tilth trash ID --reason 'says the same as …'", "drop one of a pair"]]);
  return 0;
}
