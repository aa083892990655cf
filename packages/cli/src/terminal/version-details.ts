import type { OperationOutput } from "@tilth/core";
import { printBars, printFacts } from "./blocks.ts";
import type { Terminal } from "./terminal.ts";
import { bytes, percent, plural, thousands } from "./text.ts";

type Details = OperationOutput<"version.show">;
type Statistics = NonNullable<Details["statistics"]>;

/** What was frozen, from what, by whom. */
export function printVersion(terminal: Terminal, details: Details): void {
  terminal.print(terminal.style("bold", `${details.dataset}@${details.branch === "main" ? "" : `${details.branch}:`}${details.label}`));
  const { recipe, ratios } = details;
  printFacts(terminal, [
    ["examples", thousands(details.rows)],
    [
      details.before === undefined ? "changes" : `since ${details.before}`,
      `${thousands(details.added)} added, ${thousands(details.changed)} changed, ${thousands(details.removed)} removed`,
    ],
    ...(details.message === "" ? [] : [["message", details.message] as const]),
    ["made", `${details.at} by ${details.by}, ${details.tool}`],
    ["takes", `${recipe.from === "pool" ? "the whole pool" : "its members"}${recipe.where === undefined ? "" : ` where ${recipe.where}`}`],
    ["ratios", `${ratios.train} train, ${ratios.validation} validation, ${ratios.test} test`],
    ["size", `${bytes(details.bytes)} in ${plural(details.chunks, "chunk")}, ${bytes(details.addedBytes)} of them new`],
    ["checksum", details.manifest],
  ]);
}

const titles: Readonly<Record<string, string>> = {
  kind: "Kinds",
  "quality.tier": "Tiers",
  "labels.intent": "Intents",
  "labels.sentiment": "Sentiments",
  label: "Ratings good (true) and bad",
  language: "Languages",
  domain: "Domains",
  sourceKind: "Sources",
};

/** Splits, scores, lengths, and how rows are spread over the values of each field. */
export function printStatistics(terminal: Terminal, rows: number, statistics: Statistics): void {
  const { splits, quality, lengths, counts } = statistics;
  terminal.print();
  terminal.print(terminal.style("bold", "Splits"));
  printBars(terminal, { train: splits.train, validation: splits.validation, test: splits.test });
  const facts: (readonly [string, string])[] = [
    [
      "score",
      quality.mean === undefined ? "none has one" : `${quality.mean.toFixed(2)} on average, ${percent(quality.scored, rows)} have one`,
    ],
  ];
  if (lengths.input !== undefined) facts.push(["input", lengthText(lengths.input)]);
  if (lengths.output !== undefined) facts.push(["output", lengthText(lengths.output)]);
  terminal.print();
  printFacts(terminal, facts);
  for (const [field, title] of Object.entries(titles)) {
    const found = counts[field];
    if (found === undefined || found.values.length === 0) continue;
    terminal.print();
    terminal.print(terminal.style("bold", title));
    const bars = found.values.map(({ value, rows: count }) => [value === "" ? "(empty)" : value, count] as const);
    printBars(terminal, Object.fromEntries([...bars, ...rest("(others)", found.others), ...rest("(none)", found.missing)]));
  }
}

function rest(name: string, count: number): readonly (readonly [string, number])[] {
  return count === 0 ? [] : [[name, count]];
}

function lengthText({ min, p50, p95, max }: NonNullable<Statistics["lengths"]["input"]>): string {
  return `${thousands(p50)} characters in the middle, 95 % up to ${thousands(p95)}, ${thousands(min)} to ${thousands(max)}`;
}
