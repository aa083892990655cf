import type { OperationOutput } from "@tilth/core";
import type { Command, CommandCall } from "../command.ts";
import { flagOption } from "../options.ts";
import { changedBy, runOnSelection, selectionOptions } from "../selection.ts";
import { printNext } from "../terminal/blocks.ts";
import { plural } from "../terminal/text.ts";

type TrashedDataset = OperationOutput<"dataset.list">["datasets"][number];

export const restore: Command = {
  name: "restore",
  summary: "bring examples, or a dataset, back from the trash",
  arguments: "[id...]",
  options: selectionOptions,
  examples: [
    ["tilth restore 01K9Q2", "one example"],
    ["tilth restore --where 'tag has best'", "everything in the trash that fits"],
    ["tilth restore drafts", "a deleted dataset with its versions"],
  ],
  async run(call) {
    const dataset = await trashedDataset(call);
    if (dataset !== undefined) return restoreDataset(call, dataset);
    return runOnSelection(
      call,
      { done: "Brought back", would: "Would bring back", ask: "Bring back", undo: (result) => `tilth trash ${changedBy(result)}` },
      (selection) => call.invoke("example.restore", selection),
    );
  },
};

/** The dataset in the trash that a single word names; ids of examples never look like one. */
async function trashedDataset({ args, invoke }: CommandCall): Promise<TrashedDataset | undefined> {
  const [name] = args;
  if (name === undefined || args.length > 1) return undefined;
  const { datasets } = await invoke("dataset.list", { trashed: true });
  return datasets.find((one) => one.id === name) ?? datasets.find((one) => one.name === name);
}

async function restoreDataset({ options, terminal, invoke }: CommandCall, dataset: TrashedDataset): Promise<number> {
  const dryRun = flagOption(options, "dryRun");
  const restored = dryRun ? dataset : await invoke("dataset.restore", { dataset: dataset.id });
  if (terminal.json) {
    terminal.printJson(dryRun ? { ...restored, dryRun } : restored);
    return 0;
  }
  const mark = dryRun ? terminal.style("yellow", "=") : terminal.style(["green", "bold"], "✓");
  const held = terminal.style("dim", `(${plural(restored.members, "member")}, latest version ${restored.latest ?? "none"})`);
  terminal.print(`${mark} ${dryRun ? "Would bring back" : "Brought back"} ${terminal.style("bold", restored.name)} ${held}`);
  if (!dryRun) printNext(terminal, [[`tilth delete ${restored.id}`, "undo"]]);
  return 0;
}
