import type { Command } from "../command.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "find out whether everything is in order, and what to do",
  options: [],
  examples: [["tilth doctor", "environment, workspace, pool, versions"]],
  async run({ terminal, invoke }) {
    const found = await invoke("workspace.doctor", {});
    if (terminal.json) terminal.printJson(found);
    else {
      const width = Math.max(...found.checks.map((check) => check.name.length));
      for (const check of found.checks) {
        const mark =
          check.status === "ok"
            ? terminal.style("green", "✓")
            : check.status === "warning"
              ? terminal.style("yellow", "!")
              : terminal.style("red", "✗");
        terminal.print(`${mark} ${check.name.padEnd(width)}  ${check.message}`);
        if (check.wayOut !== undefined) terminal.print(`  ${" ".repeat(width)}  ${terminal.style("dim", check.wayOut)}`);
      }
    }
    return found.checks.some((check) => check.status === "problem") ? 1 : 0;
  },
};
