import type { Command } from "../command.ts";
import { printBars, printNext, printTable } from "../terminal/blocks.ts";
import { plural, thousands } from "../terminal/text.ts";

const titles: readonly (readonly [facet: string, title: string])[] = [
  ["kind", "Kinds"],
  ["source", "Sources"],
  ["domain", "Domains"],
  ["type", "Types"],
  ["quality_tier", "Tiers"],
  ["relevance", "Relevance"],
  ["review_status", "Review"],
  ["lifecycle", "Lifecycle"],
  ["severity", "Worst finding"],
  ["rule", "Findings by rule"],
  ["tag", "Tags"],
  ["signal", "Signals"],
];

export const stats: Command = {
  name: "stats",
  summary: "see what the pool holds",
  options: [],
  examples: [
    ["tilth stats", "counts by kind, source, domain, tier, finding …"],
    ["tilth stats --json", "the same for a program"],
  ],
  async run({ terminal, invoke }) {
    const found = await invoke("pool.stats", {});
    if (terminal.json) {
      terminal.printJson(found);
      return 0;
    }
    terminal.print(terminal.style("bold", `${plural(found.examples, "example")} in the pool, ${plural(found.imports, "import")}`));
    for (const [facet, title] of titles) {
      const counts = found.facets[facet] ?? {};
      if (Object.keys(counts).length === 0 || (facet === "lifecycle" && Object.keys(counts).length === 1)) continue;
      terminal.print();
      terminal.print(terminal.style("bold", title));
      printBars(terminal, counts);
    }
    if (found.datasets.length > 0) {
      terminal.print();
      printTable(
        terminal,
        [{ title: "Dataset", flexible: true }, { title: "Members", right: true }, { title: "Versions", right: true }, { title: "Latest" }],
        found.datasets.map((dataset) => [dataset.name, thousands(dataset.members), thousands(dataset.versions), dataset.latest ?? "–"]),
      );
    }
    if (found.examples === 0) printNext(terminal, [["tilth import FILE --dataset NAME", "bring in the first records"]]);
    return 0;
  },
};
