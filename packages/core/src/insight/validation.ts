import { setImmediate } from "node:timers/promises";
import { compileTermCount } from "../quality/enrich.ts";
import { checkExample, compileRules } from "../rules/run.ts";
import type { Example } from "../schema/example.ts";
import type { Finding, Severity } from "../schema/finding.ts";
import { severities } from "../schema/finding.ts";
import type { Pack } from "../schema/pack.ts";

/** A finding with the example it is about; one of the whole dataset has none. */
export interface ValidationIssue extends Finding {
  readonly example_id?: string;
}

/** What a check of all examples found, under the names that document 2 gives it. */
export interface Validation {
  readonly total_examples: number;
  /** Those without an error. */
  readonly valid_examples: number;
  readonly invalid_examples: number;
  /** Mean quality of the examples that have a score, 0 to 1; where none has, the share of valid ones. */
  readonly quality_score: number;
  /** Errors first, then warnings, then what is only worth knowing; the first ones of each. */
  readonly issues: readonly ValidationIssue[];
  readonly statistics: ValidationStatistics;
  readonly recommendations: readonly string[];
}

export interface ValidationStatistics {
  /** Errors, also those that are not listed, by rule. */
  readonly errors: Readonly<Record<string, number>>;
  /** All findings by rule and by severity. */
  readonly rules: Readonly<Record<string, number>>;
  readonly severities: Readonly<Record<Severity, number>>;
  readonly kinds: Readonly<Record<string, number>>;
  readonly tiers: Readonly<Record<string, number>>;
  /** Examples by intent, of those that have one. */
  readonly intents: Readonly<Record<string, number>>;
}

export interface ValidationOptions {
  readonly pack: Pack;
  /** How many issues of each severity are listed. */
  readonly limit: number;
  readonly progress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** Above this the largest class drowns the smallest. */
const IMBALANCE = 10;

/** Checks examples with the rules as they are now and changes nothing. One pass; memory grows with the issues that are listed. */
export async function validateExamples(
  batches: AsyncIterable<readonly Example[]>,
  { pack, limit, progress, signal }: ValidationOptions,
): Promise<Validation> {
  const countTerms = compileTermCount(pack);
  const checks = compileRules(pack, countTerms === undefined ? {} : { countTerms });
  const tally = newTally();
  for await (const examples of batches) {
    for (const example of examples) count(tally, example, checkExample(example, checks), limit);
    progress?.(tally.total);
    signal?.throwIfAborted();
    await setImmediate(); // whoever else waits for this thread has its turn
  }
  return settle(tally, limit);
}

/** Counts of a running check; read once at its end. */
interface Tally {
  total: number;
  invalid: number;
  scored: number;
  score: number;
  readonly issues: Readonly<Record<Severity, ValidationIssue[]>>;
  readonly found: Record<Severity, number>;
  readonly errors: Map<string, number>;
  readonly rules: Map<string, number>;
  readonly kinds: Map<string, number>;
  readonly tiers: Map<string, number>;
  readonly intents: Map<string, number>;
}

function newTally(): Tally {
  return {
    total: 0,
    invalid: 0,
    scored: 0,
    score: 0,
    issues: { error: [], warning: [], info: [] },
    found: { error: 0, warning: 0, info: 0 },
    errors: new Map(),
    rules: new Map(),
    kinds: new Map(),
    tiers: new Map(),
    intents: new Map(),
  };
}

function count(tally: Tally, example: Example, findings: readonly Finding[], limit: number): void {
  tally.total++;
  if (findings.some(({ severity }) => severity === "error")) tally.invalid++;
  const { score, tier } = example.quality;
  if (score !== undefined) {
    tally.scored++;
    tally.score += score;
  }
  countUp(tally.tiers, tier);
  countUp(tally.kinds, example.kind);
  const intent = example.kind === "classification" ? example.labels.intent : undefined;
  if (intent !== undefined) countUp(tally.intents, intent);
  for (const finding of findings) {
    tally.found[finding.severity]++;
    countUp(tally.rules, finding.rule);
    if (finding.severity === "error") countUp(tally.errors, finding.rule);
    const listed = tally.issues[finding.severity];
    if (listed.length < limit) listed.push({ example_id: example.id, ...finding });
  }
}

function settle(tally: Tally, limit: number): Validation {
  const { total, invalid, found, scored, score } = tally;
  const imbalance = imbalanceOf(tally.intents);
  const warnings = imbalance === undefined ? tally.issues.warning : [imbalance, ...tally.issues.warning].slice(0, Math.max(1, limit));
  const valid = total - invalid;
  const share = total === 0 ? 0 : valid / total;
  return {
    total_examples: total,
    valid_examples: valid,
    invalid_examples: invalid,
    quality_score: scored === 0 ? share : score / scored,
    issues: severities.toReversed().flatMap((severity) => (severity === "warning" ? warnings : tally.issues[severity])),
    statistics: {
      errors: sorted(tally.errors),
      rules: sorted(tally.rules),
      severities: { ...found, warning: found.warning + (imbalance === undefined ? 0 : 1) },
      kinds: sorted(tally.kinds),
      tiers: sorted(tally.tiers),
      intents: sorted(tally.intents),
    },
    recommendations: recommendationsFor(tally, imbalance),
  };
}

function imbalanceOf(intents: ReadonlyMap<string, number>): ValidationIssue | undefined {
  const counts = [...intents].sort((a, b) => b[1] - a[1]);
  const [most, least] = [counts[0], counts.at(-1)];
  if (most === undefined || least === undefined || most[1] < IMBALANCE * least[1]) return undefined;
  return {
    rule: "class-imbalance",
    severity: "warning",
    message: `the largest intent has ${most[1]} examples, the smallest ${least[1]}`,
    at: "/labels/intent",
  };
}

function recommendationsFor({ total, invalid, rules }: Tally, imbalance: ValidationIssue | undefined): readonly string[] {
  const advice: string[] = [];
  if (total === 0) advice.push("The dataset has no examples yet: upload some.");
  if (invalid > 0) advice.push(`Correct or leave out the ${invalid} examples with an error: they cannot be exported.`);
  if (imbalance !== undefined) advice.push("Collect more examples of the small intents, or give them a higher weight.");
  const [worst] = [...rules].sort((a, b) => b[1] - a[1]);
  if (worst !== undefined && worst[1] > total / 10) advice.push(`Look at ${worst[0]} first: it was found ${worst[1]} times.`);
  return advice;
}

function countUp(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}
