import type { Command } from "../command.ts";
import { listOption } from "../options.ts";
import { changedBy, runOnSelection, selectionOptions } from "../selection.ts";

export const tag: Command = {
  name: "tag",
  summary: "give tags to examples, or take them away",
  arguments: "[id...]",
  options: [
    { flags: "--add <tag>", description: "may repeat", repeat: true },
    { flags: "--remove <tag>", description: "may repeat", repeat: true },
    ...selectionOptions,
  ],
  examples: [
    ["tilth tag 01K9Q2 01K9Q7 --add summer --remove draft", "named examples"],
    ["tilth tag --where 'type = gm and engagement.likes > 100' --add best --dry-run", "how many would be tagged"],
  ],
  async run(call) {
    const [add, remove] = [listOption(call.options, "add"), listOption(call.options, "remove")];
    return runOnSelection(
      call,
      {
        done: "Tagged",
        would: "Would tag",
        ask: "Tag",
        // Of many, with several tags, an example may have had some of them before.
        undo: (result) =>
          result.changed === 1
            ? `tilth undo ${result.first.join("")}`
            : add.length + remove.length === 1
              ? `tilth tag ${changedBy(result)} ${add.length === 1 ? "--remove" : "--add"} ${quoted([...add, ...remove].join(""))}`
              : undefined,
      },
      (selection) => call.invoke("example.tag", { ...selection, add: [...add], remove: [...remove] }),
    );
  },
};

function quoted(word: string): string {
  return /^[\w.:/@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
