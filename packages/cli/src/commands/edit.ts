import type { OperationInput, OperationOutput } from "@tilth/core";
import type { Command, CommandCall, OptionValues } from "../command.ts";
import { flagOption, given, listOption, numberOption, textOption, wrongCall } from "../options.ts";
import { printFacts, printNext } from "../terminal/blocks.ts";
import { editedJson } from "../terminal/editor.ts";
import { changeFacts, countsText, printFindings, qualityText } from "../terminal/example-facts.ts";
import { isInteractive } from "../terminal/questions.ts";
import type { Terminal } from "../terminal/terminal.ts";

export const edit: Command = {
  name: "edit",
  summary: "edit one example; opens an editor when nothing is set",
  arguments: "<id>",
  options: [
    {
      flags: "--set <field=value>",
      description: "text, input, output, topic, tags, metadata.x …; without a value it is taken away; may repeat",
      repeat: true,
    },
    { flags: "--rev <number>", description: "only if the example is still at this revision" },
    { flags: "--score", description: "score it anew" },
    { flags: "--retag", description: "add the tags the packs now see in it" },
    { flags: "--reason <text>", description: "why, for the history" },
  ],
  examples: [
    ["tilth edit 01K9Q2 --set topic=base --set tags=gm,morning", "set fields"],
    ["tilth edit 01K9Q2 --set 'output=Four to five centimetres.' --score", "a better answer, scored anew"],
    ["tilth edit 01K9Q2", "the whole example in $EDITOR"],
  ],
  async run(call) {
    const { options, terminal } = call;
    const edited = (await byFlags(call)) ?? (await inEditor(call));
    if (edited === undefined) {
      terminal.note("Nothing has changed.");
      return 0;
    }
    if (terminal.json) terminal.printJson(edited);
    else printEdited(terminal, edited, options);
    return 0;
  },
};

type Edited = OperationOutput<"example.edit">;

/** Undefined where the flags say nothing of what the example should be. */
async function byFlags({ args, options, invoke }: CommandCall): Promise<Edited | undefined> {
  const assignments = listOption(options, "set");
  const asked = flagOption(options, "score") || flagOption(options, "retag");
  if (assignments.length === 0 && !asked) return undefined;
  return invoke("example.edit", { ...shared(args, options), ...(assignments.length === 0 ? {} : { set: await valuesOf(assignments) }) });
}

async function inEditor({ args, options, terminal, invoke }: CommandCall): Promise<Edited | undefined> {
  if (!isInteractive()) throw await wrongCall("--set", "there is nothing to edit; without it `tilth edit` opens an editor, on a terminal");
  const { example } = await invoke("example.show", { id: args[0] ?? "" });
  return editedJson(example, terminal, (written) => invoke("example.edit", { ...shared(args, options), example: written }));
}

function shared(args: readonly string[], options: OptionValues): OperationInput<"example.edit"> {
  return {
    id: args[0] ?? "",
    score: flagOption(options, "score"),
    retag: flagOption(options, "retag"),
    ...given({ rev: numberOption(options, "rev"), reason: textOption(options, "reason") }),
  };
}

async function valuesOf(assignments: readonly string[]): Promise<Readonly<Record<string, string | null>>> {
  const values: Record<string, string | null> = {};
  for (const assignment of assignments) {
    const [, field, value] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (field === undefined || value === undefined) throw await wrongCall("--set", `${assignment} is no FIELD=VALUE`);
    values[field.trim()] = value === "" ? null : value;
  }
  return values;
}

function printEdited(terminal: Terminal, { example, changed, findings, redacted }: Edited, options: OptionValues): void {
  if (changed.length === 0) terminal.print(`Nothing has changed: ${terminal.style("bold", example.id)} says that already.`);
  else {
    terminal.print(`${terminal.style(["green", "bold"], "✓")} Edited ${terminal.style("bold", example.id)}, revision ${example.rev}`);
    printFacts(terminal, changeFacts(changed));
  }
  if (Object.keys(redacted).length > 0) printFacts(terminal, [["taken out", `${countsText(redacted)} (personal data)`]]);
  if (flagOption(options, "score")) printFacts(terminal, [["score", qualityText(example.quality)]]);
  printFindings(terminal, findings);
  // Engagement is said anew without a revision, so there is none to take back.
  if (changed.some(({ field }) => !field.startsWith("engagement"))) printNext(terminal, [[`tilth undo ${example.id}`, "undo"]]);
}
