import type { Remark } from "../schema/finding.ts";
import { nothing, type Rule } from "./rule.ts";

/** Flags entities that share characters: allowed here, refused by formats such as spaCy's. */
export const spanOverlap: Rule = {
  name: "span-overlap",
  severity: "warning",
  check(example) {
    if (example.kind !== "classification" || example.entities.length < 2) return nothing;
    // What lies nowhere overlaps nothing: another rule tells of it.
    const lying = [...example.entities.entries()].filter(([, { start, end }]) => start >= 0 && start < end);
    const spans = lying.toSorted(([, a], [, b]) => a.start - b.start || a.end - b.end);
    const remarks: Remark[] = [];
    let end = -Infinity;
    for (const [index, span] of spans) {
      if (span.start < end)
        remarks.push({ message: "the span overlaps an earlier one", at: `/entities/${index}`, start: span.start, end: span.end });
      end = Math.max(end, span.end);
    }
    return remarks;
  },
};
