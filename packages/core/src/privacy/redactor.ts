import { TilthError } from "../errors.ts";
import type { Json } from "../schema/json.ts";
import type { Detector, PiiSpan } from "./detector.ts";
import { detectors, redactedTypes } from "./detectors.ts";
import { allowList, ownDetectors } from "./own-patterns.ts";
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
  /** Own types: the word of the placeholder and a regular expression, plain or `/regex/i`; always looked for, whatever `types` says. */
  readonly patterns?: Readonly<Record<string, string>>;
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
 * @throws {@link TilthError} `input/invalid` for an unknown type or action, a threshold outside 0 to 1, or a pattern that does not compile.
 * @example
 * createRedactor({ types: ["EMAIL"], allow: ["/.*@example[.]org/"] }).text("jane@corp.test").text; // "[REDACTED_EMAIL]"
 */
export function createRedactor(policy: RedactionPolicy = {}): Redactor {
  const own = ownDetectors(policy.patterns ?? {});
  const ownTypes = own.map((detector) => detector.type);
  const plan = planScan({
    ...policy,
    types: [...(policy.types ?? defaultTypes(policy)), ...ownTypes],
    detectors: [...(policy.detectors ?? detectors), ...own],
  });
  const isFlagged = flagger(policy.actions ?? {}, plan.wanted);
  const isAllowed = allowList(policy.allow ?? []);
  const find = (text: string): readonly PiiSpan[] => {
    const spans = scanUnits(text, plan);
    return spans.length === 0 || isAllowed === undefined ? spans : spans.filter((span) => !isAllowed(text.slice(span.start, span.end)));
  };
  const redact = (text: string): RedactedText => replaceFound(text, find, isFlagged);
  return { text: redact, json: treeRedactor(redact) };
}

/** A policy with detectors of its own redacts what they find; web addresses are content even then. */
function defaultTypes(policy: RedactionPolicy): readonly string[] {
  if (policy.detectors === undefined) return redactedTypes;
  return [...new Set(policy.detectors.map((detector) => detector.type))].filter((type) => type !== "URL");
}

function flagger(actions: NonNullable<RedactionPolicy["actions"]>, wanted: readonly Detector[]): (span: PiiSpan) => boolean {
  for (const [type, action] of Object.entries(actions)) {
    if (!wanted.some((detector) => detector.type === type)) {
      throw new TilthError("input/invalid", { where: "privacy actions", problem: `"${type}" is not among the types of the policy` });
    }
    if (action !== "redact" && action !== "flag") {
      throw new TilthError("input/invalid", {
        where: `privacy actions.${type}`,
        problem: `"${String(action)}" is neither "redact" nor "flag"`,
      });
    }
  }
  const flagged = new Set(Object.keys(actions).filter((type) => actions[type] === "flag"));
  return (span) => flagged.has(span.type);
}
