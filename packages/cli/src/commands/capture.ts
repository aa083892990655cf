import type { CapturedEvents } from "@tilth/core";
import type { Command } from "../command.ts";
import { plural, thousands } from "../terminal/text.ts";
import { printFacts } from "../terminal/blocks.ts";

/** More refusals than this are only counted. */
const SHOWN_REFUSALS = 10;

export const capture: Command = {
  name: "capture",
  summary: "take in what an application captured: events, one a line",
  arguments: "[file]",
  options: [],
  examples: [
    ["tilth capture events.jsonl", "examples and signals of a file, each stored once by its id"],
    ["tilth capture -", "what another program pipes in, as it comes"],
  ],
  async run({ args, terminal, invoke }) {
    const { readEvents } = await import("@tilth/core");
    const sums = { accepted: 0, duplicate: 0, rejected: new Array<CapturedEvents["rejected"][number]>() };
    let read = 0;
    for await (const events of readEvents(args[0] ?? "-")) {
      const { accepted, duplicate, rejected } = await invoke("event.capture", { events: [...events] });
      sums.accepted += accepted;
      sums.duplicate += duplicate;
      for (const one of rejected) sums.rejected.push({ ...one, index: read + one.index });
      read += events.length;
    }
    if (terminal.json) terminal.printJson(sums);
    else {
      const mark = sums.rejected.length === read ? terminal.style(["red", "bold"], "✗") : terminal.style(["green", "bold"], "✓");
      terminal.print(`${mark} Captured ${plural(sums.accepted, "event")}`);
      printFacts(terminal, [
        ["read", thousands(read)],
        ["= accepted", thousands(sums.accepted)],
        ["+ duplicate", thousands(sums.duplicate)],
        ["+ rejected", thousands(sums.rejected.length)],
      ]);
      for (const { index, code, message } of sums.rejected.slice(0, SHOWN_REFUSALS))
        terminal.print(`    event ${thousands(index + 1)}: ${code}: ${message}`);
      if (sums.rejected.length > SHOWN_REFUSALS)
        terminal.print(`    … and ${thousands(sums.rejected.length - SHOWN_REFUSALS)} more (--json shows all)`);
    }
    return sums.rejected.length === read ? 3 : 0;
  },
};
