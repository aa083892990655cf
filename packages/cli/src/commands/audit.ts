import type { OperationOutput } from "@tilth/core";
import type { Command, CommandCall } from "../command.ts";
import { given, numberOption, textOption, wrongCall } from "../options.ts";
import { printNext, printTable } from "../terminal/blocks.ts";
import { plural } from "../terminal/text.ts";

type Entry = OperationOutput<"audit.list">["entries"][number];

export const audit: Command = {
  name: "audit",
  summary: "list who did what, or prove that the audit is whole",
  arguments: "[list|verify]",
  options: [
    { flags: "--actor <actor>", description: "list: such as user:ana or key:ci" },
    { flags: "--action <operation>", description: "list: such as dataset.export" },
    { flags: "--object <object>", description: "list: such as a dataset's id" },
    { flags: "--since <time>", description: "list: a day or a moment, ISO 8601" },
    { flags: "--until <time>", description: "list: before this" },
    { flags: "--limit <count>", description: "list: default 50" },
    { flags: "--cursor <cursor>", description: "list: go on after a page" },
  ],
  examples: [
    ["tilth audit", "the newest entries"],
    ["tilth audit list --actor key:ci --since 2026-01-01", "what one key did"],
    ["tilth audit verify", "exit code 1 where an entry was changed or is missing"],
  ],
  async run(call) {
    const [verb = "list"] = call.args;
    if (verb === "verify") return verify(call);
    if (verb !== "list") throw await wrongCall("audit", `${verb} is neither list nor verify`);
    return list(call);
  },
};

async function list({ options, terminal, invoke }: CommandCall): Promise<number> {
  const page = await invoke("audit.list", {
    ...given({
      actor: textOption(options, "actor"),
      action: textOption(options, "action"),
      object: textOption(options, "object"),
      since: textOption(options, "since"),
      until: textOption(options, "until"),
      limit: numberOption(options, "limit"),
      cursor: textOption(options, "cursor"),
    }),
  });
  if (terminal.json) {
    terminal.printJson(page);
    return 0;
  }
  if (page.entries.length === 0) {
    terminal.print("No entry: each change leaves one, and each request of a server.");
    return 0;
  }
  printTable(
    terminal,
    [{ title: "At" }, { title: "Who" }, { title: "Did" }, { title: "To" }, { title: "How", flexible: true }],
    page.entries.map((entry) => [entry.at.slice(0, 19).replace("T", " "), entry.actor, entry.action, entry.object, howOf(entry)]),
  );
  if (page.next !== undefined) printNext(terminal, [[`tilth audit list --cursor ${page.next}`, "earlier entries"]]);
  return 0;
}

function howOf({ detail }: Entry): string {
  const { status, count, filter, run, dryRun } = detail;
  const parts = [
    status,
    typeof count === "number" ? plural(count, "row") : undefined,
    filter,
    run,
    dryRun === true ? "dry run" : undefined,
  ];
  return parts.flatMap((part) => (typeof part === "string" || typeof part === "number" ? [String(part)] : [])).join(" · ");
}

async function verify({ terminal, invoke }: CommandCall): Promise<number> {
  const found = await invoke("audit.verify", {});
  terminal.endProgress();
  const isSound = found.problems.length === 0;
  if (terminal.json) terminal.printJson(found);
  else {
    const all = `${plural(found.entries, "entry", "entries")} in ${plural(found.segments, "chain")}`;
    terminal.print(
      isSound
        ? `${terminal.style(["green", "bold"], "✓")} ${all}: nothing was changed or taken out.`
        : `${terminal.style(["red", "bold"], "✗")} ${plural(found.problems.length, "problem")} in ${all}`,
    );
    for (const { segment, seq, problem } of found.problems)
      terminal.print(`  ${terminal.style("bold", seq === undefined ? `segment ${segment}` : `entry ${seq}`)}: ${problem}`);
  }
  return isSound ? 0 : 1;
}
