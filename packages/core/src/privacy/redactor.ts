import { TilthError } from "../errors.ts";
import type { Json } from "../schema/json.ts";
import type { PiiSpan } from "./detector.ts";
import { redactedTypes } from "./detectors.ts";
import { type RedactedJson, treeRedactor } from "./redact-tree.ts";
import { type RedactedText, replaceFound } from "./replace.ts";
import { planScan, type ScanOptions, scanUnits } from "./scan.ts";

export type { RedactedText } from "./replace.ts";
export type { RedactedJson } from "./redact-tree.ts";

/** What is looked for, and what happens to it. */
export interface RedactionPolicy extends ScanOptions {
  /** @defaultValue {@link redactedTypes} */
  readonly types?: readonly string[];
  /** Exact values, or `/regex/` and `/regex/i` for whole values, that may stay. */
  readonly allow?: readonly string[];
  /** By type; `flag` reports and leaves the text as it is. @defaultValue `redact` for every type */
  readonly actions?: Readonly<Record<string, "redact" | "flag">>;
}

/** A policy made ready for many texts. */
export interface Redactor {
  text(text: string): RedactedText;
  json(value: Json): RedactedJson;
}

/**
 * Makes a policy ready; do this once and use it for every record.
 *
 * Redacting twice changes nothing more: what the first pass uncovers is redacted at once, and placeholders are never personal data.
 *
 * @throws {@link TilthError} `input/invalid` for an unknown type or action, a threshold outside 0 to 1, or an allowed pattern that does not compile.
 * @example
 * createRedactor({ types: ["EMAIL"], allow: ["/.*@example[.]org/"] }).text("jane@corp.test").text; // "[REDACTED_EMAIL]"
 */
export function createRedactor(policy: RedactionPolicy = {}): Redactor {
  const plan = planScan({ ...policy, types: policy.types ?? defaultTypes(policy) });
  const isAllowed = allowList(policy.allow ?? []);
  const actions = policy.actions ?? {};
  for (const [type, action] of Object.entries(actions)) {
    if (!plan.wanted.some((detector) => detector.type === type)) {
      throw new TilthError("input/invalid", { where: "privacy actions", problem: `"${type}" is not among the types of the policy` });
    }
    if (action !== "redact" && action !== "flag") {
      throw new TilthError("input/invalid", { where: `privacy actions.${type}`, problem: `"${String(action)}" is neither "redact" nor "flag"` });
    }
  }
  const find = (text: string): readonly PiiSpan[] => {
    const spans = scanUnits(text, plan);
    return spans.length === 0 || isAllowed === undefined ? spans : spans.filter((span) => !isAllowed(text.slice(span.start, span.end)));
  };
  const redact = (text: string): RedactedText => replaceFound(text, find, (span) => actions[span.type] === "flag");
  return { text: redact, json: treeRedactor(redact) };
}

/** A policy with detectors of its own names only those types of the default that they can find, and their new types. */
function defaultTypes(policy: RedactionPolicy): readonly string[] {
  if (policy.detectors === undefined) return redactedTypes;
  return [...new Set(policy.detectors.map((detector) => detector.type))].filter((type) => type !== "URL");
}

function allowList(allow: readonly string[]): ((value: string) => boolean) | undefined {
  if (allow.length === 0) return undefined;
  const values = new Set<string>();
  const patterns: RegExp[] = [];
  for (const [index, entry] of allow.entries()) {
    const [, source, flags] = /^\/(.+)\/(i?)$/s.exec(entry) ?? [];
    if (source === undefined) values.add(entry);
    else patterns.push(compile(source, flags ?? "", index));
  }
  return (value) => values.has(value) || patterns.some((pattern) => pattern.test(value));
}

function compile(source: string, flags: string, index: number): RegExp {
  try {
    return new RegExp(`^(?:${source})$`, flags);
  } catch (cause) {
    throw new TilthError("input/invalid", { where: `privacy allow[${index}]`, problem: `/${source}/ is not a regular expression` }, { cause });
  }
}
