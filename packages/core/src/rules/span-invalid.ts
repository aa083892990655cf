import type { Span } from "../schema/content.ts";
import type { Remark } from "../schema/finding.ts";
import { codePointLength, codePointSlice } from "../text/words.ts";
import { nothing, type Rule } from "./rule.ts";

/**
 * Finds entities that do not lie in their text: not 0 <= start < end <= length in code points, another surface than the text has there,
 * no label, or one that the dataset does not have.
 */
export const spanInvalid: Rule = {
  name: "span-invalid",
  severity: "error",
  check(example, { labels }) {
    if (example.kind !== "classification" || example.entities.length === 0) return nothing;
    const length = codePointLength(example.text);
    const remarks: Remark[] = [];
    for (const [index, span] of example.entities.entries()) {
      const message = placeProblem(span, example.text, length) ?? labelProblem(span, labels?.entities);
      if (message !== undefined) remarks.push({ message, at: `/entities/${index}` });
    }
    return remarks;
  },
};

function placeProblem({ start, end, surface }: Span, text: string, length: number): string | undefined {
  if (start < 0 || end > length) return `the span ${start} to ${end} reaches beyond the text of ${length} characters`;
  if (start >= end) return `the span ${start} to ${end} is empty`;
  return codePointSlice(text, start, end) === surface ? undefined : `the text from ${start} to ${end} differs from the stored surface`;
}

function labelProblem({ label }: Span, known: ReadonlySet<string> | undefined): string | undefined {
  if (label.trim() === "") return "the span has no label";
  return known === undefined || known.has(label) ? undefined : `the label of the span is none of the ${known.size} that the dataset has`;
}
