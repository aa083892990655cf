import type { Example } from "@tilth/core";
import type { Command } from "../command.ts";
import { given, numberOption, textOption } from "../options.ts";
import { printNext, printTable } from "../terminal/blocks.ts";

export const list: Command = {
  name: "list",
  summary: "list examples, newest first",
  arguments: "[dataset]",
  options: [
    { flags: "--where <filter>", description: "such as 'quality.tier >= silver and domain = code'" },
    { flags: "-l, --limit <rows>", description: "1 to 1000; default 20" },
    { flags: "--cursor <next>", description: "the next page" },
  ],
  examples: [
    ["tilth list", "the newest twenty"],
    ["tilth list support --where 'severity = error'", "members of a dataset that need a hand"],
    ["tilth list --where 'createdAt > 7d and not tag has billing' --json", "for a program"],
  ],
  async run({ args, options, terminal, invoke }) {
    const page = await invoke("example.list", {
      ...given({
        dataset: args[0],
        where: textOption(options, "where"),
        limit: numberOption(options, "limit"),
        cursor: textOption(options, "cursor"),
      }),
    });
    if (terminal.json) {
      terminal.printJson(page);
      return 0;
    }
    if (page.examples.length === 0) {
      terminal.print("No example fits.");
      return 0;
    }
    printTable(
      terminal,
      [{ title: "Id" }, { title: "Kind" }, { title: "Domain" }, { title: "Tier" }, { title: "Text", flexible: true }],
      page.examples.map((example) => [example.id, example.kind, example.domain, example.quality.tier, preview(example)]),
    );
    if (page.next !== undefined) printNext(terminal, [[`tilth list … --cursor ${page.next}`, "the next page"]]);
    return 0;
  },
};

/** What an example is about, in one line. */
export function preview(example: Example): string {
  switch (example.kind) {
    case "chat":
      return example.messages.findLast((message) => message.role === "user")?.content ?? "";
    case "preference":
    case "rating":
      return example.prompt.findLast((message) => message.role === "user")?.content ?? "";
    case "text":
    case "classification":
      return example.text;
    case "extraction":
      return example.document.title ?? example.document.content;
    case "steps":
      return example.prompt;
  }
}
