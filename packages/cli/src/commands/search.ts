import type { OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { given, numberOption, textOption } from "../options.ts";
import { printNext } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { thousands, visible } from "../terminal/text.ts";

export const search: Command = {
  name: "search",
  summary: "find examples by their words, best first",
  arguments: "<words...>",
  options: [
    { flags: "--where <filter>", description: "only examples that fit" },
    { flags: "-d, --dataset <name>", description: "only members of this dataset" },
    { flags: "-l, --limit <rows>", description: "1 to 1000; default 20" },
    { flags: "--cursor <next>", description: "the next page" },
  ],
  examples: [
    ["tilth search frost october", "both words, anywhere"],
    ["tilth search '\"first frost\" -tomato'", "words in a row, and a word that must not occur"],
    ["tilth search hail --dataset roofing --json", "for a program"],
  ],
  async run({ args, options, terminal, invoke }) {
    const found = await invoke("example.search", {
      query: args.join(" "),
      ...given({
        where: textOption(options, "where"),
        dataset: textOption(options, "dataset"),
        limit: numberOption(options, "limit"),
        cursor: textOption(options, "cursor"),
      }),
    });
    if (terminal.json) {
      terminal.printJson(found);
      return 0;
    }
    if (found.hits.length === 0) terminal.print("No example holds these words.");
    for (const hit of found.hits) {
      terminal.print(`${terminal.style("bold", hit.id)}  ${terminal.style("dim", `${hit.kind}, ${hit.tier}, ${hit.snippet.field}`)}`);
      terminal.print(`  ${snippetText(terminal, hit.snippet)}`);
    }
    if (found.pending > 0) terminal.note(`${thousands(found.pending)} changes are not in the index yet: search again in a moment.`);
    if (found.next !== undefined) printNext(terminal, [[`tilth search … --cursor ${found.next}`, "the next page"]]);
    return 0;
  },
};

/** One line with what was sought standing out; in brackets where there are no colours. */
function snippetText(
  terminal: Terminal,
  { text, start, marks, isCut }: OperationOutput<"example.search">["hits"][number]["snippet"],
): string {
  const characters = [...visible(text)];
  let line = start > 0 ? "…" : "";
  let at = 0;
  for (const mark of marks) {
    const sought = characters.slice(mark.start, mark.end).join("");
    const styled = terminal.style(["bold", "yellow"], sought);
    line += characters.slice(at, mark.start).join("") + (styled === sought ? `[${sought}]` : styled);
    at = mark.end;
  }
  return `${line}${characters.slice(at).join("")}${isCut ? "…" : ""}`.replaceAll(/\s+/g, " ");
}
