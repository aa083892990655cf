import type { Command } from "../command.ts";
import { changedBy, runOnSelection, selectionOptions } from "../selection.ts";

export const trash: Command = {
  name: "trash",
  summary: "move examples to the trash, from where they can be restored",
  arguments: "[id...]",
  options: selectionOptions,
  examples: [
    ["tilth trash 01K9Q2", "one example"],
    ["tilth trash --where 'rule = repetition and quality.score < 0.4' --dry-run", "how many would go"],
    ["tilth trash --dataset drafts --reason 'not ours'", "all members of a dataset"],
  ],
  run: (call) =>
    runOnSelection(
      call,
      {
        done: "Moved to the trash:",
        would: "Would move to the trash:",
        ask: "Move to the trash:",
        undo: (result) => `tilth restore ${changedBy(result)}`,
      },
      (selection) => call.invoke("example.trash", selection),
    ),
};
