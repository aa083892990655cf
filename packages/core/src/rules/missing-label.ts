import type { Labels } from "../schema/content.ts";
import type { Remark } from "../schema/finding.ts";
import { type LabelSets, nothing, type Rule } from "./rule.ts";
import { wordsIn } from "./thresholds.ts";

/**
 * Finds a `classification` without a label that is asked for, or with one that its dataset does not have.
 *
 * `required` names the labels every example must have: `intent`, `sentiment`, `persona`, `categories`. Nothing is asked unless a pack asks it.
 */
export const missingLabel: Rule = {
  name: "missing-label",
  severity: "error",
  defaults: { required: [] },
  check(example, { thresholds, labels }) {
    if (example.kind !== "classification") return nothing;
    const remarks: Remark[] = [];
    for (const field of wordsIn(thresholds, "required")) {
      if (isField(field) && valuesOf(example.labels, field).length === 0)
        remarks.push({ message: `the required ${field} is missing`, at: `/labels/${field}` });
    }
    return labels === undefined ? remarks : [...remarks, ...unknownLabels(example.labels, labels)];
  },
};

const fields = ["intent", "sentiment", "persona", "categories"] as const;
type Field = (typeof fields)[number];

function isField(word: string): word is Field {
  return fields.some((field) => field === word);
}

function unknownLabels(own: Labels, sets: LabelSets): readonly Remark[] {
  return fields.flatMap((field) => {
    const set = sets[field];
    if (set === undefined || valuesOf(own, field).every((value) => set.has(value))) return nothing;
    return [{ message: `the ${field} is none of the ${set.size} that the dataset has`, at: `/labels/${field}` }];
  });
}

function valuesOf(labels: Labels, field: Field): readonly string[] {
  const value = labels[field];
  if (value === undefined) return [];
  return (typeof value === "string" ? [value] : value).filter((label) => label.trim() !== "");
}
