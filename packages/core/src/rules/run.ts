import { TilthError } from "../errors.ts";
import type { Example, NewExample } from "../schema/example.ts";
import type { Finding, Remark } from "../schema/finding.ts";
import type { Pack } from "../schema/pack.ts";
import { canonicalJson } from "../text/canonical.ts";
import { sha256Hex } from "../text/hash.ts";
import { nearest } from "../text/nearest.ts";
import { rules } from "./list.ts";
import type { Memo } from "./memo.ts";
import { clearMemo, newMemo } from "./memo.ts";
import type { LabelSets, Rule, RuleContext } from "./rule.ts";

/** Raised when the condition of a shipped rule changes, so that older reports are known to be of another rule set. */
const REVISION = 1;

/** Says which rules made a finding: reports carry it. */
export const rulesVersion: string = versionOf(rules);

export interface CompileOptions {
  /** @defaultValue every shipped rule */
  readonly rules?: readonly Rule[];
  readonly labels?: LabelSets;
  readonly countTerms?: (text: string) => number;
}

/** Rules with their thresholds, ready for many examples. */
export interface Checks {
  readonly version: string;
  readonly checks: readonly { readonly rule: Rule; readonly context: RuleContext }[];
  /** In the context of every rule, for one example at a time. */
  readonly memo: Memo;
}

/**
 * Settles once which rules run and with which thresholds: the rule's defaults, over them the pack's filters, over both the pack's
 * thresholds of the rule.
 *
 * @throws {@link TilthError} `rule/unknown` when the pack sets a rule or a threshold that does not exist, naming the nearest.
 */
export function compileRules(pack: Pack, options: CompileOptions = {}): Checks {
  const { rules: all = rules, ...shared } = options;
  for (const [name, thresholds] of Object.entries(pack.rules ?? {})) refuseUnknown(all, name, thresholds);
  const active = all.filter((rule) => pack.rules?.[rule.name] !== false);
  const memo = newMemo();
  const checks = active.map((rule) => ({
    rule,
    context: { ...shared, memo, thresholds: { ...rule.defaults, ...pack.filters, ...pack.rules?.[rule.name] } },
  }));
  return { version: versionOf(active), checks, memo };
}

/**
 * Runs the rules on one example; findings in the order of the rules.
 *
 * @param redacted - Personal data that redaction found in it, by type.
 * @throws {@link TilthError} `rule/failed` when a rule throws; it names the rule and never what stands in the example.
 */
export function checkExample(
  example: NewExample | Example,
  { checks, memo }: Checks,
  redacted?: Readonly<Record<string, number>>,
): readonly Finding[] {
  clearMemo(memo);
  let findings: Finding[] | undefined;
  const hasRedacted = redacted !== undefined && Object.keys(redacted).length > 0;
  for (const { rule, context } of checks) {
    const remarks = runRule(rule, example, hasRedacted ? { ...context, redacted } : context);
    if (remarks.length > 0)
      findings = [...(findings ?? []), ...remarks.map((remark) => ({ rule: rule.name, severity: rule.severity, ...remark }))];
  }
  return findings ?? noFindings;
}

/** The finding for which an example is refused at the door instead of stored with it. */
export function refusalOf(findings: readonly Finding[], { checks }: Checks): Finding | undefined {
  return findings.find((finding) => checks.some(({ rule }) => rule.name === finding.rule && rule.rejects === true));
}

const noFindings: readonly Finding[] = [];

function runRule(rule: Rule, example: NewExample | Example, context: RuleContext): readonly Remark[] {
  try {
    return rule.check(example, context);
  } catch (cause) {
    // What was thrown may quote the example, and whatever becomes a cause is printed sooner or later: only its class and place are told.
    throw new TilthError("rule/failed", { rule: rule.name, reason: placeOf(cause) });
  }
}

function placeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `it threw a ${typeof thrown}`;
  const [place = ""] = /^ {4}at .*\(?\S+:\d+:\d+\)?$/m.exec(thrown.stack?.replace(thrown.message, "") ?? "") ?? [];
  return `${thrown.constructor.name}${place.replace(/^ +/, " ")}`;
}

function refuseUnknown(all: readonly Rule[], name: string, thresholds: object | false): void {
  const rule = all.find((candidate) => candidate.name === name);
  if (rule === undefined)
    throw unknown(
      `thresholds for ${name}`,
      name,
      all.map((candidate) => candidate.name),
    );
  const known = Object.keys(rule.defaults ?? {});
  const stranger = Object.keys(thresholds === false ? {} : thresholds).find((key) => !known.includes(key));
  if (stranger !== undefined) throw unknown(`${stranger} for the rule ${name}`, stranger, known);
}

function unknown(what: string, word: string, known: readonly string[]): TilthError<"rule/unknown"> {
  const meant = nearest(word, known);
  const hint = meant === undefined ? `Known are ${known.join(", ")}.` : `The nearest is ${meant}.`;
  return new TilthError("rule/unknown", { what, hint });
}

function versionOf(some: readonly Rule[]): string {
  const names = some.map(({ name, severity, defaults }) => ({ name, severity, defaults }));
  return `${REVISION}-${sha256Hex(canonicalJson(names)).slice(0, 8)}`;
}
