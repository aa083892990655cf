import type { Finding, OperationOutput } from "@tilth/core";
import type { Terminal } from "./terminal.ts";
import { visible } from "./text.ts";

type Quality = OperationOutput<"example.show">["example"]["quality"];

/** The score with its tier and what it is made of. */
export function qualityText(quality: Quality): string {
  const factors = Object.entries(quality.factors).map(([name, points]) => `${name} ${points > 0 ? "+" : ""}${points}`);
  const score = quality.score === undefined ? "no score" : quality.score.toFixed(2);
  return factors.length === 0 ? `${score}, ${quality.tier}` : `${score}, ${quality.tier} (${factors.join(", ")})`;
}

/** One line a finding, the suggestion below it. */
export function printFindings(terminal: Terminal, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const color = finding.severity === "error" ? "red" : finding.severity === "warning" ? "yellow" : "blue";
    terminal.print(
      `${terminal.style(color, finding.severity)} ${finding.rule}: ${visible(finding.message)} ${terminal.style("dim", visible(finding.at))}`,
    );
    if (finding.suggestion !== undefined) terminal.print(`  ${visible(finding.suggestion)}`);
  }
}

/** `EMAIL 2, PHONE 1`. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
