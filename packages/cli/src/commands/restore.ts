import type { Command } from "../command.ts";
import { changedBy, runOnSelection, selectionOptions } from "../selection.ts";

export const restore: Command = {
  name: "restore",
  summary: "bring examples back from the trash",
  arguments: "[id...]",
  options: selectionOptions,
  examples: [
    ["tilth restore 01K9Q2", "one example"],
    ["tilth restore --where 'tag has best'", "everything in the trash that fits"],
  ],
  run: (call) =>
    runOnSelection(
      call,
      { done: "Brought back", would: "Would bring back", ask: "Bring back", undo: (result) => `tilth trash ${changedBy(result)}` },
      (selection) => call.invoke("example.restore", selection),
    ),
};
