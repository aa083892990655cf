import type { OperationOutput } from "@tilth/core";
import type { CommandCall, CommandOption } from "./command.ts";
import { flagOption, given, textOption, wrongCall } from "./options.ts";
import { printNext } from "./terminal/blocks.ts";
import { confirm, isInteractive } from "./terminal/questions.ts";
import { plural, thousands } from "./terminal/text.ts";

/** Options of every command that works on named examples or on all that fit. */
export const selectionOptions: readonly CommandOption[] = [
  { flags: "--where <filter>", description: "all examples that fit, such as 'quality.score < 0.4'" },
  { flags: "-d, --dataset <name>", description: "all members of a dataset, or those of them that fit" },
  { flags: "--reason <text>", description: "why, for the history" },
  { flags: "-n, --dry-run", description: "say how many would change and change nothing" },
  { flags: "-y, --yes", description: "do not ask, however many they are" },
];

export interface SelectionInput {
  readonly ids: string[];
  readonly where?: string;
  readonly dataset?: string;
  readonly reason?: string;
  readonly dryRun: boolean;
}

type Result = OperationOutput<"example.trash">;

export interface SelectionWords {
  /** `Tagged`, `Would tag`, `Tag`. */
  readonly done: string;
  readonly would: string;
  readonly ask: string;
  /** The line that takes it back. */
  readonly undo: (result: Result) => string | undefined;
}

/** More than this is asked about first, where there is somebody to ask. */
const ASKED_ABOVE = 100;

/** What the arguments and options select. */
export function selectionOf({ args, options }: Pick<CommandCall, "args" | "options">): SelectionInput {
  return {
    ids: [...args],
    dryRun: flagOption(options, "dryRun"),
    ...given({ where: textOption(options, "where"), dataset: textOption(options, "dataset"), reason: textOption(options, "reason") }),
  };
}

/** Does something to a selection: asks where it is large, does it, prints what became of it and how to take it back. */
export async function runOnSelection(
  { args, options, terminal }: CommandCall,
  words: SelectionWords,
  work: (selection: SelectionInput) => Promise<Result>,
): Promise<number> {
  const selection = selectionOf({ args, options });
  if (!selection.dryRun && !flagOption(options, "yes") && isInteractive()) {
    const { changed } = await work({ ...selection, dryRun: true });
    terminal.endProgress();
    if (changed > ASKED_ABOVE && terminal.json) throw await wrongCall("--yes", `it is needed to change ${thousands(changed)} examples`);
    if (changed > ASKED_ABOVE && !(await confirm(`${words.ask} ${plural(changed, "example")}?`))) {
      terminal.note("Nothing was changed.");
      return 0;
    }
  }
  const result = await work(selection);
  terminal.endProgress();
  if (terminal.json) {
    terminal.printJson(result);
    return 0;
  }
  const left = result.matched - result.changed;
  const rest = left === 0 ? "" : ` ${terminal.style("dim", `(${thousands(left)} more needed no change)`)}`;
  const mark = result.changed === 0 ? terminal.style("yellow", "=") : terminal.style(["green", "bold"], "✓");
  terminal.print(`${mark} ${result.dryRun ? words.would : words.done} ${terminal.style("bold", plural(result.changed, "example"))}${rest}`);
  const undo = words.undo(result);
  if (!result.dryRun && result.changed > 0 && undo !== undefined) printNext(terminal, [[undo, "undo"]]);
  return 0;
}

/** Names a few examples by their ids, many by the moment that all of their changes bear. */
export function changedBy(result: Result): string {
  return result.changed <= 3 ? result.first.join(" ") : `--where 'updatedAt = ${result.at}'`;
}
