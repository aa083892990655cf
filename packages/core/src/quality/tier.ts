import type { Example, NewExample, Quality, Tier } from "../schema/example.ts";
import type { Finding } from "../schema/finding.ts";
import type { Pack } from "../schema/pack.ts";
import { replyOf } from "../schema/sides.ts";
import { codePointLength } from "../text/words.ts";

/** The most that warnings together may take where the packs say nothing. */
const WARNING_CAP = 0.3;

/**
 * Scores an example from what it is and what was found in it: document 3's arithmetic. Its `factors` sum to the score before it is
 * clipped to 0..1.
 *
 * `repetition` and `truncated` have their own price and do not count as warnings too. Rules decide nothing here but their severities: an
 * example that is refused never comes this far.
 *
 * @param example - With `domain` and `sourceKind` filled in.
 * @see Document 3, "Quality Scoring"; curation rules 2.2.
 */
export function scoreExample(example: NewExample | Example, findings: readonly Finding[], pack: Pack): Quality {
  const factors: Record<string, number> = { base: 50 };
  const reply = replyOf(example)?.text ?? "";
  if (isLonger(reply, 200)) factors["length200"] = 10;
  if (isLonger(reply, 500)) factors["length500"] = 5;
  if (example.sourceKind !== undefined && trusted.has(example.sourceKind)) factors["source"] = 15;
  if (example.kind === "preference") factors["preference"] = 10;
  if (example.domain === "code" && reply.includes("```")) factors["code"] = 10;
  if (findings.length > 0) addFindings(factors, findings, pack.tier?.warningCap ?? WARNING_CAP);
  return settle(factors);
}

/** The tier of a score: gold from .8, silver from .6, bronze from .4. */
export function tierOf(score: number): Tier {
  if (score >= 0.8) return "gold";
  if (score >= 0.6) return "silver";
  return score >= 0.4 ? "bronze" : "unverified";
}

/** Document 3's "high-quality source (manual, claude)"; its Claude rows are escalations and distillations. */
const trusted: ReadonlySet<string> = new Set(["manual", "escalation", "distillation"]);

/** In hundredths, as all factors until they are settled: sums of tenths miss the borders of the tiers. */
const penalties: ReadonlyMap<string, number> = new Map([
  ["repetition", -30],
  ["truncated", -15],
]);

function addFindings(factors: Record<string, number>, findings: readonly Finding[], cap: number | "none"): void {
  let warnings = 0;
  for (const { rule, severity } of findings) {
    const penalty = penalties.get(rule);
    if (penalty !== undefined) factors[rule] = penalty;
    else if (severity === "warning") warnings++;
  }
  if (warnings > 0) factors["warnings"] = -Math.min(10 * warnings, cap === "none" ? Infinity : 100 * cap);
}

/** Turns hundredths into shares where they are. */
function settle(factors: Record<string, number>): Quality {
  let sum = 0;
  for (const name in factors) {
    const points = factors[name] ?? 0;
    sum += points;
    factors[name] = points / 100;
  }
  const score = Math.min(100, Math.max(0, sum)) / 100;
  return { score, tier: tierOf(score), factors };
}

function isLonger(text: string, length: number): boolean {
  return text.length > length && (text.length > 2 * length || codePointLength(text) > length);
}
