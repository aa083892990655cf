import type { OperationOutput } from "@tilth/core";
import { printFacts } from "./blocks.ts";
import type { Terminal } from "./terminal.ts";
import { oneLine, percent, plural, thousands } from "./text.ts";

type Report = OperationOutput<"freshness.check">;
type Texts = OperationOutput<"text.check">;
type One = NonNullable<Texts["one"]>;
type Many = NonNullable<Texts["many"]>;
type Neighbour = NonNullable<One["nearest"]>;
type Threshold = OperationOutput<"threshold.set">["threshold"];

/** What a check of the pool found: by collection, together, and the worst. */
export function printReport(terminal: Terminal, report: Report): void {
  const { samples, fresh, below, goal, isGoalMet, mean, minThreshold, stale, warnings } = report;
  for (const type of report.types) {
    terminal.print(`${terminal.style("bold", type.file ?? type.type ?? "without a type")}  ${terminal.style("dim", thresholdOf(type))}`);
    terminal.print(
      `  ${good(terminal, "✓")} ${thousands(type.fresh)}/${thousands(type.samples)} samples are fresh (${share(type.fresh, type.samples)})`,
    );
    if (type.below > 0) terminal.print(`  ${bad(terminal, "!")} ${plural(type.below, "sample")} below threshold`);
    if (type.withoutWords > 0) terminal.print(`  ${bad(terminal, "!")} ${plural(type.withoutWords, "sample")} without words left out`);
  }
  if (samples === 0) {
    terminal.print("There is nothing to check.");
    return;
  }
  terminal.print();
  const mark = isGoalMet ? good(terminal, "✓") : terminal.style(["red", "bold"], "✗");
  terminal.print(
    `${mark} ${terminal.style("bold", `Overall freshness: ${reached(fresh, samples)}`)} ${terminal.style("dim", `(goal ${reached(goal, 1)})`)}`,
  );
  printFacts(terminal, [
    ...(mean === undefined ? [] : [["avg score", mean.toFixed(2)] as const]),
    ...(minThreshold === undefined ? [] : [["min threshold", minThreshold.toFixed(2)] as const]),
    ["samples below", `${thousands(below)} (${share(below, samples)})`],
    [
      "compared",
      report.method === "exact" ? "every score, kept with the examples" : "fresh or not; --decide was asked for or there are many",
    ],
    ...trendFacts(report),
    ...(report.nextCheck === undefined ? [] : [["next check", report.nextCheck.slice(0, 10)] as const]),
  ]);
  for (const warning of warnings) terminal.print(`${bad(terminal, "!")} ${warning}`);
  if (stale.length === 0) return;
  terminal.print();
  terminal.print(
    terminal.style(
      "bold",
      below > stale.length
        ? `Below their threshold, the worst ${stale.length} of ${thousands(below)}`
        : "Below their threshold, worst first",
    ),
  );
  for (const { id, type, freshness, threshold, text, witness } of stale) {
    const facts = [...(type === undefined ? [] : [type]), `threshold ${threshold.toFixed(2)}`].join(", ");
    terminal.print(`${terminal.style("bold", scoreText(freshness, threshold))}  ${id}  ${terminal.style("dim", facts)}`);
    terminal.print(`      ${line(terminal, text, 6)}`);
    printNeighbour(terminal, witness, "      ");
  }
}

/** How fresh one text is, and what it is like. */
export function printOne(terminal: Terminal, { score, isFresh, threshold, percentile, samples, type, nearest }: One): void {
  const verdict = isFresh ? `${good(terminal, "✓")} fresh` : `${terminal.style(["red", "bold"], "✗")} not fresh`;
  const places = type === undefined ? "" : ` of type ${oneLine(type, 40)}`;
  terminal.print(
    `${verdict}: ${terminal.style("bold", scoreText(score, threshold))}, threshold ${threshold.toFixed(2)}, beside ${plural(samples, "sample")}${places}`,
  );
  if (nearest === undefined) return;
  terminal.print(`  ${terminal.style("dim", `${share(Math.round(percentile * 1_000), 1_000)} of the pool's own samples are no fresher`)}`);
  terminal.print("Nearest:");
  printNeighbour(terminal, nearest, "  ");
}

/** A line a text, in their order. */
export function printMany(terminal: Terminal, { texts, fresh, below, withoutWords, threshold }: Many): void {
  for (const { text, score, isFresh, witness } of texts) {
    const mark = isFresh === undefined ? bad(terminal, "?") : isFresh ? good(terminal, "✓") : terminal.style(["red", "bold"], "✗");
    terminal.print(`${mark} ${score === undefined ? "  – " : scoreText(score, threshold)}  ${line(terminal, text, 8)}`);
    if (witness !== undefined) printNeighbour(terminal, witness, "        ");
  }
  const wordless = withoutWords === 0 ? "" : `, ${thousands(withoutWords)} without words`;
  terminal.print();
  terminal.print(
    `${thousands(fresh)}/${thousands(fresh + below)} texts are fresh (${share(fresh, fresh + below)}), threshold ${threshold.toFixed(2)}${wordless}`,
  );
}

/** An example that is near: how near and by what, then the text. */
export function printNeighbour(terminal: Terminal, { id, similarity, parts, text = "" }: Neighbour, indent: string): void {
  const why = `words ${parts.word.toFixed(2)}, phrases ${parts.phrase.toFixed(2)}, meaning ${parts.semantic.toFixed(2)}`;
  terminal.print(`${indent}${terminal.style("cyan", similarity.toFixed(2))} like ${id} ${terminal.style("dim", `(${why})`)}`);
  terminal.print(`${indent}     ${line(terminal, text, indent.length + 5)}`);
}

/** `0.65`, or `q0.25` for a share of the pool's own samples. */
export function thresholdText(threshold: Threshold): string {
  return typeof threshold === "number" ? String(threshold) : `q${threshold.quantile}`;
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/** A line of blocks, the lowest share as the lowest block. */
export function sparkline(shares: readonly number[]): string {
  const low = Math.min(...shares);
  const span = Math.max(...shares) - low;
  return shares.map((value) => BLOCKS.charAt(span === 0 ? 3 : Math.round(((value - low) / span) * (BLOCKS.length - 1)))).join("");
}

function trendFacts({ trend }: Report): readonly (readonly [string, string])[] {
  const [first] = trend;
  const last = trend.at(-1);
  if (first === undefined || last === undefined || trend.length < 2) return [];
  return [
    [
      "trend",
      `${sparkline(trend.map((point) => point.share))}  ${reached(first.share, 1)} on ${first.day}, ${reached(last.share, 1)} on ${last.day}`,
    ],
  ];
}

function thresholdOf({ type, file, threshold, quantile }: Report["types"][number]): string {
  const name = file === undefined || type === undefined ? "" : `${type}, `;
  return `${name}threshold ${threshold.toFixed(2)}${quantile === undefined ? "" : ` (q${quantile})`}`;
}

/** Two decimals, four where two would make it look like the threshold. */
function scoreText(score: number, threshold: number): string {
  const short = score.toFixed(2);
  return short === threshold.toFixed(2) && score !== threshold ? score.toFixed(4) : short;
}

function share(part: number, whole: number): string {
  return percent(part, whole).replace(" ", "");
}

/** Rounded down, since it is held against a goal: 84.9 % must not read as 85 %. */
function reached(part: number, whole: number): string {
  // The small number mends shares such as 0.29, which are a little less than they say.
  return `${Math.floor((100 * part) / whole + 1e-9)}%`;
}

function line(terminal: Terminal, text: string, indent: number): string {
  return oneLine(text, Math.max(20, terminal.width - indent));
}

function good(terminal: Terminal, mark: string): string {
  return terminal.style(["green", "bold"], mark);
}

function bad(terminal: Terminal, mark: string): string {
  return terminal.style(["yellow", "bold"], mark);
}
