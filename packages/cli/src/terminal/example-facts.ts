import type { Finding, OperationOutput } from "@tilth/core";
import type { Terminal } from "./terminal.ts";
import { oneLine, visible } from "./text.ts";

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

const VALUE_WIDTH = 60;

/** What changed as facts: `before → after`, each shortened to fit a line. */
export function changeFacts(changed: OperationOutput<"example.edit">["changed"]): readonly (readonly [name: string, value: string])[] {
  return changed.map(({ field, before, after }) => [field, `${valueText(before)} → ${valueText(after)}`]);
}

function valueText(value: unknown): string {
  if (value === undefined) return "–";
  return oneLine(typeof value === "string" ? value : JSON.stringify(value), VALUE_WIDTH);
}

/** `EMAIL 2, PHONE 1`. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
